import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { countMemoryParts } from '@precrop/sdk/cost/memory-model';
import { measureLiveness } from '@precrop/sdk/program/liveness';
import { toInference } from '@precrop/sdk/program/training-step';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, conv, network, relu } from '../ir/networks.js';

test('a chain holds two results at once, a residual block three', () => {
  const chain = network([conv('a', 'input', 4), conv('b', 'a', 4), relu('c', 'b')], [8, 8, 4]);
  assert.is(countMemoryParts(chain, 1).activationBytes, 4 * 2 * 256);
  const block = network([conv('a', 'input', 4), conv('b', 'a', 4), conv('c', 'b', 4), add('d', 'a', 'c')], [8, 8, 4]);
  assert.is(countMemoryParts(block, 2).activationBytes, 2 * 4 * 3 * 256);
});

test('the count over nodes is near the one over primitives', () => {
  for (const name of ['resnet-20', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v2-x1.0-cifar', 'vgg-11', 'resnet-50']) {
    const architecture = createArchitecture(name);
    const { activationBytes } = countMemoryParts(architecture, 4);
    const primitives = measureLiveness(toInference(architecture), 4).activationBytes;
    assert.ok(activationBytes > 0.6 * primitives && activationBytes < 1.7 * primitives, `${name}: ${activationBytes} and ${primitives}`);
  }
});

test.run();
