import type { Architecture } from '@precrop/sdk/ir/architecture';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';

/** The nodes up to the end of a block, the pooling and the classifier. */
export function cutBehind(architecture: Architecture, block: string): Architecture {
  const end = architecture.nodes.findLastIndex(({ id }) => id.startsWith(`${block}.`));
  const [pool, ...head] = architecture.nodes.slice(-2);
  const nodes = [...architecture.nodes.slice(0, end + 1), { ...pool, inputs: [architecture.nodes[end]?.id] }, ...head];
  return { ...architecture, nodes } as Architecture;
}

/** Every width divided, with four channels at least. */
export function narrow(architecture: Architecture, divisor: number): Architecture {
  return withWidths(
    architecture,
    new Map([...readWidths(architecture)].map(([group, width]) => [group, Math.max(4, Math.round(width / divisor))])),
  );
}
