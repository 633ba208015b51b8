import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { countKernels, type Kernel, keyOf, toKernels } from '@precrop/sdk/cost/kernels';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawWidths } from '../../support/synthetic-profile.js';
import { batchNorm, conv, network, relu } from '../ir/networks.js';

const kindsOf = (kernels: readonly Kernel[]): readonly string[] => kernels.map(({ kind }) => kind);

test('inference fuses what follows a convolution, training keeps every node', () => {
  const net = network([conv('a', 'input', 8), batchNorm('b', 'a'), relu('c', 'b')]);
  assert.equal(kindsOf(toKernels(net, 'inference')), ['call', 'conv3x3/1', 'global-avg-pool', 'dense']);
  assert.equal(kindsOf(toKernels(net, 'training')), ['call', 'conv3x3/1 first', 'batch-norm', 'relu', 'global-avg-pool', 'dense']);
});

test('what has two readers is not fused into', () => {
  const net = network([conv('a', 'input', 8), relu('b', 'a'), { id: 'c', op: 'add', inputs: ['a', 'b'] }]);
  assert.ok(kindsOf(toKernels(net, 'inference')).includes('relu'));
});

test('no multiply-accumulate is lost, whatever is fused', () => {
  for (const name of ['resnet-20', 'mobilenet-v2-x1.0', 'shufflenet-v1-g3', 'vgg-11']) {
    const architecture = createArchitecture(name);
    for (const purpose of ['inference', 'training'] as const) {
      const macs = toKernels(architecture, purpose).reduce((sum, kernel) => sum + kernel.macs, 0);
      assert.is(macs, countArchitecture(architecture).macs, `${name} ${purpose}`);
    }
  }
});

test('kernels at other widths are those of the network that has them', () => {
  for (const name of ['resnet-20', 'mobilenet-v2-x1.0', 'shufflenet-v1-g3', 'shufflenet-v2-x1.0-cifar']) {
    const architecture = createArchitecture(name);
    const widths = drawWidths(architecture, createRng(3).fork(name));
    for (const purpose of ['inference', 'training'] as const) {
      const kernels = toKernels(architecture, purpose, widths);
      assert.equal(byKey(kernels), byKey(toKernels(withWidths(architecture, widths), purpose)), `${name} ${purpose}`);
      assert.is(countKernels(architecture, purpose), kernels.length);
    }
  }
});

function byKey(kernels: readonly Kernel[]): readonly Kernel[] {
  return kernels.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

test.run();
