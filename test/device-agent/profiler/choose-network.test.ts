import { createNetworkChooser, type NetworkPick } from '@precrop/device-agent/profiler/choose-network';
import type { TimingsFit } from '@precrop/device-agent/profiler/fit-timings';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const pool = [
  { network: 'resnet-20', weight: 1, batches: [1, 8] },
  { network: 'vgg-11', weight: 1, batches: [1, 8] },
  { network: 'resnet-56', weight: 0.1, batches: [1] },
];
/** Every network takes 1 ms and is known the worse the wider it begins. */
const fit: TimingsFit = {
  estimate: ({ nodes }) => ({ ms: 1, deviation: nodes.reduce((sum, node) => sum + (node.op === 'conv' ? node.outChannels : 0), 0) / 1e4 }),
  leftOut: [],
};

/** As many picks as can be had, up to so many. */
function pickAll(count: number, more: Partial<TimingsFit> = {}, mostMs = Number.POSITIVE_INFINITY): readonly NetworkPick[] {
  const chooser = createNetworkChooser(pool);
  const picks: NetworkPick[] = [];
  while (picks.length < count) {
    const timed = picks.map((pick) => ({ ...pick, widths: Object.fromEntries(pick.widths) }));
    const pick = chooser.choose(timed, { ...fit, ...more }, { costOf: (ms) => ms, mostMs }, createRng(1).fork(picks.length));
    if (!pick) break;
    picks.push(pick);
  }
  return picks;
}
const countOf = (picks: readonly NetworkPick[], name: string): number => picks.filter(({ network }) => network === name).length;

test('the main networks come first at both ends of their widths, then all by their weights, none twice', () => {
  const picks = pickAll(100);
  assert.equal(
    picks.slice(0, 4).map(({ network }) => network),
    ['resnet-20', 'vgg-11', 'resnet-20', 'vgg-11'],
  );
  assert.is(new Set(picks.map(({ network, batch, widths }) => JSON.stringify([network, batch, ...widths]))).size, 100);
  const [a, b, rare] = ['resnet-20', 'vgg-11', 'resnet-56'].map((name) => countOf(picks, name));
  assert.ok((rare ?? 0) >= 1 && (rare ?? 0) < 10, `${rare}`);
  assert.ok(Math.abs((a ?? 0) - (b ?? 0)) < 5, `${a} and ${b}`);
});

test('one that is explained badly comes up more often', () => {
  const leftOut = ['resnet-20', 'vgg-11'].flatMap((network) =>
    Array.from({ length: 5 }, () => ({ network, error: network === 'vgg-11' ? 0.3 : 0.01 })),
  );
  const [even, uneven] = [pickAll(100), pickAll(100, { leftOut })].map((picks) => countOf(picks, 'vgg-11'));
  assert.ok((uneven ?? 0) > (even ?? 0) + 5, `${even}, then ${uneven}`);
});

test('of random widths those come that are known the least', () => {
  const widest = (estimate: TimingsFit['estimate']): number => {
    const picks = pickAll(40, { estimate }).filter(({ isRandom }, index) => index >= 4 && !isRandom);
    return picks.reduce((sum, { architecture }) => sum + fit.estimate(architecture, 1).deviation, 0);
  };
  const opposite: TimingsFit['estimate'] = (architecture, batch) => ({ ms: 1, deviation: 1 - fit.estimate(architecture, batch).deviation });
  assert.ok(widest(fit.estimate) > 1.3 * widest(opposite));
});

test('half of those after the first are main networks at the first random widths, known or not', () => {
  const [usual, opposite] = [fit.estimate, () => ({ ms: 1, deviation: 1 })].map((estimate) =>
    pickAll(60, { estimate })
      .slice(4)
      .filter(({ isRandom }) => isRandom),
  );
  assert.is(usual?.length, 28);
  assert.is(opposite?.length, 28);
  assert.is(countOf(usual ?? [], 'resnet-56'), 0);
  assert.ok(countOf(usual ?? [], 'vgg-11') > 5 && countOf(usual ?? [], 'resnet-20') > 5);
  for (const { widths } of usual ?? []) assert.ok([...widths.values()].every((width) => width % 8 === 0));
});

test('where no main network is cheap enough, another is timed', () => {
  const estimate: TimingsFit['estimate'] = ({ name }) => ({ ms: name === 'resnet-56' ? 1 : 9, deviation: 1 });
  const picks = pickAll(8, { estimate }, 5);
  assert.is(picks.length, 8);
  assert.is(countOf(picks, 'resnet-56'), 8);
  assert.ok(picks.every(({ isRandom }) => !isRandom));
});

test('nothing is chosen where nothing is cheap enough', () => {
  assert.equal(pickAll(1, {}, 0.5), []);
});

test.run();
