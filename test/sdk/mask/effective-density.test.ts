import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { createContext } from '@precrop/sdk/core/context';
import { createRng } from '@precrop/sdk/core/rng';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { describeCollapse, findCollapsed } from '@precrop/sdk/mask/collapse';
import { countEffectiveDensity, findEffectiveMasks } from '@precrop/sdk/mask/effective-density';
import { countDensity, countOnes, type Masks } from '@precrop/sdk/mask/masks';
import { drawChannelMasks, drawMasks } from '@precrop/sdk/mask/realise';
import { reportMasks } from '@precrop/sdk/mask/report-masks';
import { initializeWeights } from '@precrop/sdk/program/variables';
import { synflow } from '@precrop/sdk/saliency/synflow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { add, batchNorm, concat, conv, network, relu, shuffle, split } from '../ir/networks.js';

const everyOp: Architecture = createEveryOp();
const small = [
  network([conv('a', 'input', 6), conv('b', 'a', 6, { groups: 3 }), conv('c', 'b', 4, { kernel: 1 })]),
  network([
    conv('a', 'input', 6),
    split('l', 'a', 2, 0),
    split('r', 'a', 2, 1),
    conv('b', 'r', 3),
    concat('j', 'l', 'b'),
    shuffle('s', 'j', 2),
    conv('c', 's', 4),
  ]),
  network([
    conv('a', 'input', 4),
    batchNorm('n', 'a'),
    relu('r', 'n'),
    conv('b', 'r', 4),
    add('sum', 'b', 'r'),
    conv('c', 'sum', 4),
    add('sum2', 'c', 'sum'),
  ]),
];

function draw(architecture: Architecture, density: number, seed: number): Masks {
  const layers = findPrunableLayers(architecture);
  return drawMasks(layers, new Map(layers.map(({ id }) => [id, density])), createRng(seed));
}

// With |w| for weights and an image of ones, SynFlow's score is the sum of the products along all paths through a weight: an independent judge.
for (const [index, architecture] of [...small, everyOp].entries()) {
  test(`${architecture.name} ${index}: a weight is effective just where some flow goes through it`, async () => {
    const backend = createTfjsEagerBackend({ device: 'cpu' });
    const scorer = await synflow.createScorer({
      architecture,
      weights: initializeWeights(architecture, 1),
      backend,
      context: createContext(),
    });
    let [effective, kept] = [0, 0];
    for (const [seed, density] of [0.5, 0.3, 0.3, 0.2, 0.15].entries()) {
      const masks = draw(architecture, density, seed);
      const found = findEffectiveMasks(architecture, masks);
      const scores = await scorer.score(masks, 0, density).catch(() => undefined); // no path at all is an error there
      for (const [id, mask] of found) {
        const flows = Uint8Array.from(masks.get(id) ?? [], (one, weight) => (one === 1 && (scores?.get(id)?.[weight] ?? 0) > 0 ? 1 : 0));
        assert.ok(Buffer.from(mask).equals(flows), `${id} at ${density}`);
        effective += countOnes(mask);
        kept += countOnes(masks.get(id) ?? new Uint8Array());
      }
    }
    scorer.dispose();
    assert.ok(effective > 0 && effective < kept, `of ${kept} weights ${effective} are effective: the test would see no difference`);
  });
}

for (const name of ['resnet-20-w4', 'mobilenet-v2-x0.35-cifar', 'shufflenet-v2-x0.5-cifar', 'shufflenet-v1-g3-x0.5-cifar', 'vgg-11']) {
  const architecture = createArchitecture(name);
  test(`${name}: all weights are effective when none is missing; else no more than are kept, and twice finds nothing more`, () => {
    assert.is(countEffectiveDensity(architecture, draw(architecture, 1, 0)), 1);
    const masks = draw(architecture, 0.02, 1);
    const found = findEffectiveMasks(architecture, masks);
    for (const [id, mask] of found)
      assert.ok(
        mask.every((one, index) => one <= (masks.get(id)?.[index] ?? 0)),
        id,
      );
    assert.ok(countDensity(found) < countDensity(masks));
    for (const [id, mask] of findEffectiveMasks(architecture, found))
      assert.ok(Buffer.from(mask).equals(found.get(id) ?? mask.subarray(1)), id);
  });
}

test('what feeds a channel that nothing reads is not effective', () => {
  const architecture = network([conv('a', 'input', 4), conv('b', 'a', 4)]);
  const layers = findPrunableLayers(architecture);
  const masks = new Map([
    ...draw(architecture, 1, 0),
    ...drawChannelMasks(
      layers.filter(({ id }) => id === 'b'),
      new Map([['b', 0.5]]),
      createRng(0),
    ),
  ]);
  const found = findEffectiveMasks(architecture, masks);
  assert.equal(found.get('b'), masks.get('b'));
  assert.is(countOnes(found.get('a') as Uint8Array), 2 * 9 * 3); // two of four channels
});

test('an empty layer cuts the path, unless a skip goes round it', () => {
  const empty = (architecture: Architecture, id: string): Masks => {
    const masks = new Map(draw(architecture, 1, 0));
    return masks.set(id, new Uint8Array(masks.get(id)?.length ?? 0));
  };
  const chain = network([conv('a', 'input', 4), conv('b', 'a', 4)]);
  assert.is(countEffectiveDensity(chain, empty(chain, 'b')), 0);
  const residual = network([conv('a', 'input', 4), conv('b', 'a', 4), add('sum', 'a', 'b')]);
  const report = reportMasks(residual, empty(residual, 'b'));
  assert.is(report.effectiveDensity, report.density);
  assert.equal(report.collapsed, ['b']);
});

test('collapsed layers are named in a sentence; where there are none there is none', () => {
  const densities = new Map([
    ['a', 0.1],
    ['b', 0],
    ['c', 0],
  ]);
  assert.equal(findCollapsed(densities), ['b', 'c']);
  assert.match(describeCollapse('magnitude', findCollapsed(densities)) ?? '', 'magnitude leaves nothing of 2 layers, b, c.');
  assert.is(describeCollapse('magnitude', findCollapsed(new Map([['a', 0.1]]))), undefined);
});

test.run();
