import { drawWidths, toNarrowest, toOriginal } from '@precrop/device-agent/profiler/random-widths';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { validateArchitecture } from '@precrop/sdk/ir/validate';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const networks = ['resnet-20', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v2-x1.0-cifar', 'shufflenet-v1-g3-cifar', 'vgg-11'];

test('drawn widths are possible, aligned and no wider than the original', () => {
  for (const name of networks) {
    const original = createArchitecture(name);
    const most = readWidths(original);
    for (let draw = 0; draw < 20; draw++) {
      const widths = drawWidths(original, 8, createRng(1).fork(name, draw));
      validateArchitecture(withWidths(original, widths));
      assert.equal([...widths.keys()], [...most.keys()]);
      for (const [group, width] of widths) {
        assert.ok(width >= 1 && width <= (most.get(group) ?? 0), `${name} ${group} ${width}`);
        assert.ok(width % 8 === 0 || width === most.get(group), `${name} ${group} ${width}`);
      }
    }
  }
});

test('a seed gives the same widths, and others differ; without alignment there are odd ones', () => {
  const original = createArchitecture('vgg-11');
  const draw = (seed: number, align = 8) => [...drawWidths(original, align, createRng(seed)).values()];
  assert.equal(draw(3), draw(3));
  assert.not.equal(draw(3), draw(4));
  assert.ok(draw(3, 1).some((width) => width % 2 === 1));
});

test('draws lie between both ends, which are possible too', () => {
  const original = createArchitecture('mobilenet-v2-x1.0-cifar');
  const narrowest = toNarrowest(original, 8);
  validateArchitecture(withWidths(original, narrowest));
  assert.equal(toOriginal(original), readWidths(original));
  for (let seed = 0; seed < 30; seed++) {
    for (const [group, width] of drawWidths(original, 8, createRng(seed))) assert.ok(width >= (narrowest.get(group) ?? 0));
  }
});

test.run();
