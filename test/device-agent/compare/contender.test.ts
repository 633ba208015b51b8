import { findFarTooSlow, findFastestDense, findWays, listThreads, nameWay, pickFinalists } from '@precrop/device-agent/compare/candidates';
import { type Contender, countLeft, createCrops } from '@precrop/device-agent/compare/contender';
import { nameContender } from '@precrop/device-agent/compare/name-contender';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { findDensities } from '@precrop/sdk/density/registry';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const architecture = createArchitecture('resnet-20');
const before = countArchitecture(architecture);

function crops(source: string, densities: ReadonlyMap<string, number>, align = 4): readonly Contender[] {
  const made = createCrops(architecture, source, densities, align);
  assert.ok(made.every((each) => 'architecture' in each));
  return made as readonly Contender[];
}

test('what is left under masks: all that is not pruned, and of a mask of ones everything', () => {
  const { params, macs, prunable } = before;
  assert.equal(countLeft(architecture, new Map()), { params, macs });
  const half = new Map(findPrunableLayers(architecture).map(({ id }) => [id, 0.5]));
  assert.equal(countLeft(architecture, half), { params: params - prunable / 2, macs: macs / 2 });
});

for (const source of ['synexp', 'erk', 'some criterion']) {
  test(`crops by ${source}: one holds the parameters of the masked network, one its MACs, and both come near`, () => {
    const densities = findDensities(architecture, source === 'some criterion' ? 'er' : source, { params: 0.2 });
    const left = countLeft(architecture, densities);
    const [params, macs] = crops(source, densities).map((each) => countArchitecture(each.architecture));
    assert.ok(params && macs);
    assert.ok(params.params <= left.params && params.params > 0.85 * left.params, `${params.params} of ${left.params}`);
    assert.ok(macs.macs <= left.macs && macs.macs > 0.85 * left.macs, `${macs.macs} of ${left.macs}`);
  });
}

test('a layer of which a criterion keeps nothing stays in the crop', () => {
  const densities = new Map(findDensities(architecture, 'erk', { params: 0.2 })).set('stage2.block1.shortcut.conv', 0);
  const layers = findPrunableLayers(architecture).map(({ id }) => id);
  for (const { architecture: crop } of crops('some criterion', densities))
    assert.equal(
      findPrunableLayers(crop).map(({ id }) => id),
      layers,
    );
});

test('a crop that cannot be built is told with the reason, and the other one is built', () => {
  const densities = findDensities(architecture, 'synexp', { params: 0.1 });
  const made = createCrops(architecture, 'synexp', densities, 16);
  assert.equal(
    made.map(({ id }) => id),
    ['crop-synexp-params', 'crop-synexp-macs'],
  );
  const missing = made.find((each) => 'reason' in each);
  assert.match(missing && 'reason' in missing ? missing.reason : '', 'cannot be met');
});

test('names say what a contender is', () => {
  assert.is(nameContender({ kind: 'original', source: null, equal: null }), 'original');
  assert.is(nameContender({ kind: 'sparse', source: 'snip', equal: null }), 'snip sparse');
  assert.is(nameContender({ kind: 'crop', source: 'erk', equal: 'macs' }), 'erk crop, equal MACs');
});

const usable = ['onnxruntime/cpu', 'sparse-wasm', 'tensorflow', 'tflite', 'tfjs/wasm'];

test('a dense network is tried in every runtime, from a dense file', () => {
  for (const kind of ['original', 'crop'] as const) assert.equal(findWays(kind, usable, 'tensorflow').map(nameWay), usable);
});

test('a sparse network is tried in every sparse runtime, and in the dense one that is fastest for the original', () => {
  assert.equal(findWays('sparse', usable, 'tensorflow').map(nameWay), ['sparse-wasm', 'tflite/sparse', 'tensorflow']);
  assert.equal(findWays('sparse', ['onnxruntime/cpu'], 'onnxruntime/cpu').map(nameWay), ['onnxruntime/cpu']);
  assert.is(findWays('sparse', usable, undefined).length, 6, 'where nothing is known of the original, all');
});

test('the fastest dense runtime is not the sparse engine, whatever its time', () => {
  const trials = [
    { runtime: 'sparse-wasm', medianMs: 1 },
    { runtime: 'tensorflow', medianMs: 3 },
    { runtime: 'onnxruntime/cpu', medianMs: 2 },
    { runtime: 'tfjs/wasm', medianMs: null },
  ];
  assert.is(findFastestDense(trials), 'onnxruntime/cpu');
  assert.is(findFastestDense([]), undefined);
});

test('a runtime is left out at a batch only where it is ten times as slow on every number of threads', () => {
  const trial = (runtime: string, medianMs: number | null) => ({ runtime, batch: 8, medianMs });
  const trials = [
    trial('onnxruntime/cpu', 1),
    trial('onnxruntime/cpu', 11),
    trial('tfjs/cpu', 30),
    trial('tfjs/cpu', 20),
    trial('tflite', 9),
    trial('tensorflow', null),
  ];
  const found = findFarTooSlow(trials, 'original');
  assert.equal([...found.keys()], ['tfjs/cpu']);
  assert.match(found.get('tfjs/cpu') ?? '', 'It took 20.0 ms for original at batch 8, 20 times as long as the fastest runtime');
  assert.is(findFarTooSlow([], 'original').size, 0);
});

test('finalists are the best two, by what a busy machine spoils least; a second that is far behind is none', () => {
  assert.equal(
    pickFinalists([
      [3, 3, 3],
      [1, 1, 1],
      [1.2, 1.2, 1.2],
    ]),
    [1, 2],
  );
  assert.equal(
    pickFinalists([
      [3, 3, 3],
      [1, 1, 1],
    ]),
    [1],
  );
  assert.equal(
    pickFinalists([
      [1.1, 1.1, 1.1, 1.1, 1.1],
      [1, 1, 9, 9, 9],
    ]),
    [1, 0],
    'the median would say the opposite',
  );
  assert.equal(pickFinalists([]), []);
});

test('all cores, and one', () => {
  assert.equal(listThreads(8), [8, 1]);
  assert.equal(listThreads(1), [1]);
});

test.run();
