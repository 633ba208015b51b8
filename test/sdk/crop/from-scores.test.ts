import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { UsageError } from '@precrop/sdk/core/errors';
import { cropArchitecture } from '@precrop/sdk/crop/apply';
import { fromScores } from '@precrop/sdk/crop/from-scores';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { findDensities } from '@precrop/sdk/density/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

for (const name of ['resnet-20', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v2-x1.0-cifar', 'vgg-11']) {
  const architecture = createArchitecture(name);
  const layers = findPrunableLayers(architecture);
  const densities = findDensities(architecture, 'erk', { params: 0.2 });

  test(`${name}: densities above 0 go the way of any densities`, () => {
    const { raised, ...crop } = fromScores(architecture, densities, { align: 1 });
    assert.equal(raised, []);
    assert.equal(crop, cropArchitecture(architecture, { density: densities, align: 1 }));
  });

  test(`${name}: a layer that has lost everything is named, and keeps a channel; the others hardly change`, () => {
    const lost = layers[Math.floor(layers.length / 2)]?.id ?? '';
    const crop = fromScores(architecture, new Map([...densities, [lost, 0]]), { budget: { params: 0.2 }, align: 1 });
    assert.equal(crop.raised, [lost]);
    assert.ok(crop.paramsRatio <= 0.2 && crop.paramsRatio > 0.18, `${crop.paramsRatio} of the parameters`);
    for (const { id, prunable } of findPrunableLayers(crop.architecture)) assert.ok(prunable >= 1, id);
    const before = cropArchitecture(architecture, { density: densities, budget: { params: 0.2 }, align: 1 });
    const less = [...crop.widths].filter(([group, width]) => width < (before.widths.get(group) ?? 0));
    assert.ok(less.length > 0 && less.length < crop.widths.size / 2, `narrower: ${less.map(([group]) => group)}`);
  });
}

test('where nothing is left of any layer, each counts as one weight', () => {
  const architecture = createArchitecture('resnet-20-w4');
  const layers = findPrunableLayers(architecture);
  const { raised, widths } = fromScores(architecture, new Map(layers.map(({ id }) => [id, 0])), { budget: { params: 0.5 }, align: 1 });
  assert.equal(
    raised,
    layers.map(({ id }) => id),
  );
  assert.ok([...widths.values()].every((width) => width >= 1));
});

test('what is no share is refused in a sentence', () => {
  const architecture = createArchitecture('resnet-20');
  for (const density of [-0.1, 1.5, Number.NaN]) {
    assert.throws(
      () => fromScores(architecture, new Map([['head.fc', density]]), { budget: { params: 0.5 } }),
      (error: unknown) => error instanceof UsageError && /density of layer "head.fc" is/.test(error.message),
    );
  }
});

test.run();
