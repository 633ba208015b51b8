import { benchBudgets } from '@precrop/device-agent/bench/budgets';
import { createBudgetsDocument } from '@precrop/device-agent/bench/budgets-document';
import { drawBudgets, toAbsolute } from '@precrop/device-agent/bench/random-budgets';
import type { CandidateMeter } from '@precrop/device-agent/planner/candidate-meter';
import type { MeasuredCost } from '@precrop/device-agent/protocol/plan-file';
import { createContext } from '@precrop/sdk/core/context';
import { MeasurementError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { readWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimulatedMeter, createSimulatedProfile, type SimulatedOptions } from '../planner/simulated-device.js';

const bench = {
  profile: createSimulatedProfile(),
  architectures: ['resnet-20'],
  feasible: 8,
  impossible: 6,
  batch: 1,
  runtime: 'auto',
  align: 8,
};
const conditions = {
  device: 'd',
  runtime: 'auto',
  runtimeUsed: 'simulated',
  power: 'mains',
  versions: {},
  startedAt: '2026-01-01T00:00:00Z',
};

async function run(options: SimulatedOptions, change: (meter: CandidateMeter) => CandidateMeter = (meter) => meter) {
  const results = await benchBudgets(bench, createContext({ seed: 1 }), () => change(createSimulatedMeter(options, 5).meter));
  return createBudgetsDocument(results, conditions, 1);
}

test('on a device of little noise all budgets hold and are used, and every impossible one is named', async () => {
  const { summary, results, verdict } = await run({ noise: 0.002 });
  assert.is(verdict, 'valid');
  assert.equal([summary.feasible, summary.impossible, summary.infeasible, summary.infeasibleNamed], [8, 6, 6, 6]);
  assert.ok((summary.held ?? 0) >= 7, `${summary.held} of 8 hold`);
  assert.ok((summary.meanUse ?? 0) >= 0.9 && (summary.meanUse ?? 2) <= 1, `${summary.meanUse}`);
  for (const { again, stamped, held } of results) if (held) assert.is.not(again, stamped);
});

test('a plan that takes more when it is measured again is not counted as held', async () => {
  // each network takes a tenth longer from the second time on, while the original does not
  const seen = new Set<string>();
  const { summary } = await run({ noise: 0.0005 }, (meter) => ({
    ...meter,
    async measure(architecture, names) {
      const { measured, ...rest } = await meter.measure(architecture, names);
      const key = JSON.stringify([...readWidths(architecture)]);
      const slower = seen.has(key) ? 1.1 : 1;
      seen.add(key);
      const { value, low, high, samples } = measured.costs.latencyMs as MeasuredCost;
      const latencyMs = { value: slower * value, low: slower * low, high: slower * high, samples };
      return { ...rest, measured: { ...measured, costs: { ...measured.costs, latencyMs } } };
    },
  }));
  assert.ok((summary.held ?? 8) < 4, `${summary.held}`);
});

test('what cannot be planned in an unsteady minute is asked again after the others, and after a pause', async () => {
  let measurements = 0;
  const pauses: number[] = [];
  const busy = { verdict: 'noisy', reasons: ['Other programs used the processor.'] } as const;
  const { summary, results, verdict } = await run({ noise: 0.002 }, (meter) => ({
    ...meter,
    async measure(architecture, names, budget) {
      const found = await meter.measure(architecture, names, budget);
      measurements++;
      return measurements > 6 && measurements < 16 ? { ...found, measured: { ...found.measured, ...busy } } : found;
    },
    settle: async (leastMs = 0) => void pauses.push(leastMs),
  }));
  assert.equal(
    pauses.filter((ms) => ms > 0),
    [15_000],
  );
  assert.is(verdict, 'valid');
  assert.ok((summary.held ?? 0) >= 7, `${summary.held} of 8 hold`);
  assert.ok(results.every(({ reason }) => reason === null));
});

test('a machine that is never steady ends the bench with the reason', async () => {
  try {
    await run({ verdict: () => 'noisy' });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, MeasurementError);
    assert.match((error as Error).message, /Other programs/);
  }
});

test('drawn budgets lie between the least and the original, impossible ones below the least in what they break', () => {
  const [least, original] = [
    { latencyMs: 1, memoryBytes: 50e6 },
    { latencyMs: 3, memoryBytes: 60e6 },
  ];
  for (const drawn of drawBudgets(['a', 'b'], { feasible: 40, impossible: 30 }, createRng(2))) {
    const budget = toAbsolute(drawn, least, original);
    for (const name of ['latencyMs', 'memoryBytes'] as const) {
      const value = budget[name] ?? 0;
      assert.is(value < least[name], drawn.broken.includes(name));
      assert.ok(value <= original[name]);
    }
  }
});

test.run();
