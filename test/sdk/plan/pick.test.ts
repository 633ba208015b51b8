import { pickPlan } from '@precrop/sdk/plan/pick';
import type { Candidate } from '@precrop/sdk/plan/result';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const at = (name: string, objective: number, latencyMs: number, memoryBytes: number): Candidate => ({
  widths: new Map([[name, 8]]),
  objective,
  cost: { latencyMs, memoryBytes, params: 1 },
});
const front = { candidates: [at('wide', 0, 4, 40e6), at('fast', -2, 2, 35e6), at('small', -3, 3, 20e6), at('slow', -2, 2.5, 35e6)] };

test('the best that fits is taken, of equals the cheaper one', () => {
  const result = pickPlan(front, { latencyMs: 3, memoryBytes: 36e6 });
  assert.is(result.status, 'fits');
  if (result.status === 'fits') {
    assert.is([...result.chosen.widths.keys()][0], 'fast');
    assert.is(result.tightest, 'memoryBytes');
    assert.is(result.use.toFixed(3), (35 / 36).toFixed(3));
  }
});

test('an impossible budget is named, with the least possible and the nearest', () => {
  const result = pickPlan(front, { latencyMs: 1.5, memoryBytes: 50e6 });
  assert.is(result.status, 'infeasible');
  if (result.status === 'infeasible') {
    assert.equal(result.broke, ['latencyMs']);
    assert.equal(result.least, { latencyMs: 2, memoryBytes: 20e6 });
    assert.is([...result.nearest.widths.keys()][0], 'fast');
  }
});

test('of budgets that can be held alone but not together those are named that conflict', () => {
  const result = pickPlan(front, { latencyMs: 2.1, memoryBytes: 21e6, params: 5 });
  assert.is(result.status, 'infeasible');
  if (result.status === 'infeasible') assert.equal(result.broke, ['latencyMs', 'memoryBytes']);
});

test('a budget must be above 0, and there must be one', () => {
  assert.throws(() => pickPlan(front, {}), /There is no budget/);
  assert.throws(() => pickPlan(front, { latencyMs: -1 }), /latency budget is -1, but must be a number above 0/);
});

test.run();
