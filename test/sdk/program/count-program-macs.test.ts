import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { countArchitecture, countNodes } from '@precrop/sdk/ir/count';
import { createProgramBuilder } from '@precrop/sdk/program/builder';
import { countProgramMacs } from '@precrop/sdk/program/count-program-macs';
import { toEvaluation, toInference, toTrainingStep } from '@precrop/sdk/program/training-step';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const sgd = { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 } as const;
const names = ['resnet-20', 'resnet-20-w4', 'mobilenet-v2-x0.5-cifar', 'shufflenet-v2-x0.5', 'shufflenet-v1-g3', 'vgg-11'];

for (const name of names) {
  test(`${name}: inference has the MACs of the architecture, a step three times those less the image's gradient`, () => {
    const architecture = createArchitecture(name);
    const { macs } = countArchitecture(architecture);
    assert.is(countProgramMacs(toInference(architecture), 1), macs);
    assert.is(countProgramMacs(toEvaluation(architecture), 7), 7 * macs);
    const first = countNodes(architecture)[0]?.macs as number; // the stem reads the image
    const step = toTrainingStep(architecture, sgd, { labelSmoothing: 0.1 });
    assert.is(countProgramMacs(step, 1), 3 * macs - first);
    assert.is(countProgramMacs(step, 128), 128 * (3 * macs - first));
  });
}

test('a matrix product counts its inner extent, transposed or not, the batch inside or out', () => {
  for (const [a, b, transposeA, transposeB] of [
    [[5, 3], [3, 2], false, false],
    [[3, 5], [3, 2], true, false],
    [[5, 3], [2, 3], false, true],
    [[3, -1], [3, 2], true, false],
    [[-1, 5], [-1, 6], true, false],
  ] as const) {
    const builder = createProgramBuilder('product', 'infer');
    const product = builder.emit('matmul', [builder.input('a', a), builder.input('b', b)], { transposeA, transposeB });
    assert.is(countProgramMacs(builder.finish({ product }), 5), a[0] === -1 ? 5 * 5 * 6 : 5 * 3 * 2);
  }
});

test.run();
