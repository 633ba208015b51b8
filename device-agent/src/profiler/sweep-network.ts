import { createSequence } from '@precrop/sdk/architectures/sequence';
import type { Architecture } from '@precrop/sdk/ir/architecture';

/** All widths that an alignment may begin and end at, and what lies between: where the time of a convolution steps. */
export const sweepChannels: readonly number[] = [...Array.from({ length: 11 }, (_, index) => 7 + index), 24, 25, 32];

/** A few convolutions of so many channels on images as CIFAR-10 has them: how a channel more or less shows. */
export function createSweepNetwork(channels: number): Architecture {
  const net = createSequence();
  for (const id of ['conv1', 'conv2', 'conv3']) net.conv(id, channels);
  net.classify(10);
  return { name: `sweep-${channels}`, input: [32, 32, 3], classes: 10, nodes: net.nodes, output: 'head.fc' };
}
