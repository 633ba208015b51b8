import { type Baseline, measureBaseline } from '@precrop/device-agent/planner/measure-baseline';
import { keyOf, useOf } from '@precrop/device-agent/planner/rounds';
import { type VerifiedPlan, verifyPlan } from '@precrop/device-agent/planner/verify-plan';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { CancelledError } from '@precrop/sdk/core/errors';
import { withWidths } from '@precrop/sdk/ir/widths';
import type { Budget } from '@precrop/sdk/plan/budget';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createSimulatedMeter,
  createSimulatedSetup,
  type SimulatedDevice,
  type SimulatedOptions,
  trueBytes,
  trueMs,
} from './simulated-device.js';

const setup = createSimulatedSetup();
const original = createArchitecture('resnet-20');
const originalMs = trueMs(original);
type Measured = Extract<Baseline, { status: 'measured' }>;

async function plan(
  toBudget: (baseline: Measured) => Budget,
  options: SimulatedOptions = {},
  seed = 1,
): Promise<{ readonly baseline: Baseline; readonly verified?: VerifiedPlan; readonly counts: SimulatedDevice['counts'] }> {
  const device = createSimulatedMeter(options, seed);
  const context = createContext({ seed });
  const baseline = await measureBaseline(setup, device.meter, context);
  if (baseline.status !== 'measured') return { baseline, counts: device.counts };
  const verified = await verifyPlan(setup, baseline, toBudget(baseline), device.meter, context);
  return { baseline, verified, counts: device.counts };
}

function networkOf({ ending }: VerifiedPlan) {
  if (ending.kind !== 'accept') throw new Error(`It ended with ${ending.kind}.`);
  return withWidths(original, new Map(Object.entries(ending.round.widths)));
}

test('a plan that is accepted holds its budget in truth, and uses it, on a noisy device that the profile misjudges', async () => {
  let [held, count] = [0, 0];
  for (const share of [0.35, 0.5, 0.65, 0.8, 0.9]) {
    for (const factor of [0.8, 1, 1.25]) {
      // all crops are slower or faster than the profile says, wide ones more so
      const surprise: SimulatedOptions['surprise'] = (network) => factor ** (trueMs(network) / originalMs);
      const limit = share * originalMs * factor;
      const { verified } = await plan(() => ({ latencyMs: limit }), { surprise, noise: 0.004 }, count + 1);
      const network = networkOf(verified as VerifiedPlan);
      const truth = trueMs(network) * surprise(network);
      count++;
      if (truth <= limit) held++;
      assert.ok(truth >= 0.9 * limit, `${share}, ${factor}: uses ${truth / limit}`);
    }
  }
  assert.ok(held >= count - 1, `${held} of ${count} hold`);
});

test('latency and memory together: both hold, and the tighter one is used', async () => {
  const budget = { latencyMs: 0.6 * originalMs, memoryBytes: 60e6 + 0.5 * (trueBytes(original) - 60e6) };
  const { verified } = await plan(() => budget, { noise: 0.002 });
  const network = networkOf(verified as VerifiedPlan);
  assert.ok(trueMs(network) <= budget.latencyMs && trueBytes(network) <= budget.memoryBytes);
});

test('what is accepted was measured, validly, with its upper bound within every budget', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const { verified } = await plan(
      () => ({ latencyMs: 0.45 * originalMs }),
      { noise: 0.02, verdict: (at) => (at % 3 === 1 ? 'noisy' : 'valid') },
      seed,
    );
    const { ending, rounds } = verified as VerifiedPlan;
    if (ending.kind !== 'accept') continue;
    const { measured, widths } = ending.round;
    assert.is(measured.verdict, 'valid');
    assert.ok((measured.costs.latencyMs?.high ?? Infinity) <= 0.45 * originalMs);
    assert.ok(rounds.some((round) => round.measured === measured && keyOf(round.widths) === keyOf(widths)));
  }
});

test('a budget below the narrowest network is infeasible, names what it breaks and the nearest network', async () => {
  const { verified } = await plan(({ narrowest }) => ({
    latencyMs: 0.7 * (narrowest.measured.costs.latencyMs?.value ?? 0),
    memoryBytes: 1e9,
  }));
  const { ending } = verified as VerifiedPlan;
  assert.is(ending.kind, 'infeasible');
  if (ending.kind !== 'infeasible') return;
  assert.equal(ending.broke, ['latencyMs']);
  assert.ok((ending.nearest.measured.costs.latencyMs?.value ?? Infinity) < 0.5 * originalMs);
  const memory = (await plan(() => ({ latencyMs: originalMs, memoryBytes: 30e6 }))).verified as VerifiedPlan;
  assert.equal(memory.ending.kind === 'infeasible' && memory.ending.broke, ['memoryBytes']);
});

test('a budget that the original holds needs no crop', async () => {
  const { verified } = await plan(() => ({ latencyMs: 2 * originalMs }));
  const { ending } = verified as VerifiedPlan;
  assert.ok(ending.kind === 'accept' && ending.why === 'original');
});

test('crops that are no faster than the original are refused where a latency was asked for', async () => {
  // a device on which every network takes as long as the original
  const surprise: SimulatedOptions['surprise'] = (network) => (1.05 * originalMs) / trueMs(network);
  const { verified } = await plan(() => ({ latencyMs: 1.1 * originalMs, params: 100_000 }), { surprise, noise: 0.001 });
  const { ending } = verified as VerifiedPlan;
  assert.is(ending.kind, 'refuse');
});

test('a machine that is never quiet gives no plan, with the reason; one that is noisy for a while is waited for', async () => {
  const never = await plan(() => ({ latencyMs: originalMs }), { verdict: () => 'noisy' });
  assert.is(never.baseline.status, 'unsteady');
  assert.match(never.baseline.status === 'unsteady' ? never.baseline.reason : '', /Other programs/);
  assert.ok(never.counts().settled >= 2);
  const fromThirdOn = await plan(() => ({ latencyMs: 0.5 * originalMs }), { verdict: (at) => (at >= 2 ? 'invalid' : 'valid') });
  assert.is(fromThirdOn.verified?.ending.kind, 'give-up');
  const once = await plan(() => ({ latencyMs: 0.5 * originalMs }), { verdict: (at) => (at === 2 ? 'invalid' : 'valid') });
  assert.is(once.verified?.ending.kind, 'accept');
  assert.is(once.counts().settled, 1);
});

test('a machine that changes its pace is noticed: what was measured meanwhile is never stamped', async () => {
  const { verified, counts } = await plan(() => ({ latencyMs: 0.5 * originalMs }), { pace: (at) => (at === 2 ? 0.7 : 1) });
  const { ending, rounds } = verified as VerifiedPlan;
  assert.ok(ending.kind === 'accept');
  assert.ok(ending.kind === 'accept' && ending.round.measured !== rounds[2]?.measured);
  assert.is(counts().settled, 1);
  const forGood = await plan(() => ({ latencyMs: 0.5 * originalMs }), { pace: (at) => (at >= 2 ? 0.7 : 1) });
  assert.is(forGood.verified?.ending.kind, 'give-up');
  assert.match(forGood.verified?.ending.kind === 'give-up' ? forGood.verified.ending.reason : '', /another state/);
});

test('it ends within its rounds and can be cancelled between them', async () => {
  const { verified } = await plan(() => ({ latencyMs: 0.5 * originalMs }), { noise: 0.03 });
  assert.ok((verified as VerifiedPlan).rounds.length <= 2 + 8);
  const stop = new AbortController();
  const device = createSimulatedMeter();
  const context = createContext({ signal: stop.signal, emit: (event) => event.type === 'phase' && stop.abort() });
  try {
    await measureBaseline(setup, device.meter, context);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, CancelledError);
  }
  assert.is(device.counts().measured, 1);
});

test('the share that a plan uses is that of the tightest budget', () => {
  const measured = {
    costs: { latencyMs: { value: 1, low: 1, high: 1, samples: [] }, params: { value: 9, low: 9, high: 9, samples: [] } },
    verdict: 'valid',
    reasons: [],
  } as const;
  const round = { role: 'candidate', widths: {}, objective: 0, predicted: {}, reference: {}, measured } as const;
  assert.is(
    useOf(round, [
      ['latencyMs', 2],
      ['params', 10],
    ]),
    0.9,
  );
});

test.run();
