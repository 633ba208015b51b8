// @serial
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import { test } from 'uvu';
import { createEveryOp } from '../../support/every-op.js';
import { createModel, listZoo } from '../../support/model-zoo.js';
import { findPython } from '../../support/python.js';
import { roundKernels } from '../../support/round-kernels.js';
import { skip } from '../../support/skip.js';
import { isPointwise, zeroSmallest } from '../../support/zero-smallest.js';
import { modules, startReaders } from './readers.js';

const python = findPython(modules);
if ('path' in python) registerTests(python.path);
else skip(test, 'TFLite files in LiteRT and OpenVINO', python.reason);

function registerTests(path: string): void {
  const readers = startReaders(path);
  const cpu = createTfjsEagerBackend({ device: 'cpu' });
  const folded = [{}, { fold: false }];

  test('every op: LiteRT and OpenVINO agree with us', () => readers.agree(createModel(createEveryOp()), folded));
  test('every op with odd pads: LiteRT and OpenVINO agree with us', () =>
    readers.agree(createModel(createEveryOp([0, 2, 1, 0], [1, 2, 0, 1])), folded, cpu));
  test('every op without padding: LiteRT and OpenVINO agree with us', () => readers.agree(createModel(createEveryOp('valid')), folded));
  for (const { name, architecture } of listZoo().filter(({ architecture: { input } }) => input[0] <= 64)) {
    test(`${name}: LiteRT and OpenVINO agree with us`, () => readers.agree(createModel(architecture), folded));
  }

  for (const name of ['resnet-20', 'mobilenet-v2-x0.35', 'shufflenet-v1-g3-cifar', 'shufflenet-v2-x1.0-cifar']) {
    // What the file says is the model whose kernels are rounded: so the tolerance need be no wider.
    test(`${name} in float16`, () =>
      readers.agree(roundKernels(foldBatchNorm(createModel(createArchitecture(name)))), [{ float16: true }]));
  }
  for (const name of ['mobilenet-v1-x0.25', 'mobilenet-v2-x0.35', 'mobilenet-v2-x0.5-cifar', 'resnet-20', 'shufflenet-v2-x0.5']) {
    const model = createModel(createArchitecture(name));
    test(`${name} with 1x1 kernels of zeros`, () =>
      readers.agree(zeroSmallest(model, 0.9, isPointwise), [{ sparse: true }, { sparse: true, fold: false }]));
    test(`${name} with all kernels of zeros, in float16`, () =>
      readers.agree(roundKernels(foldBatchNorm(zeroSmallest(model, 0.8, () => true))), [{ sparse: true, float16: true }]));
  }
  test('a normalisation baked in before a sparse network', () => {
    const model = zeroSmallest(createModel(createArchitecture('mobilenet-v1-x0.25')), 0.9, isPointwise);
    const metadata = { normalization: { mean: [0, 0, 0], std: [1, 1, 1] } };
    return readers.agree({ ...model, metadata }, [{ sparse: true, bakeNormalization: true }]);
  });
  test.after(() => readers.close());
}

test.run();
