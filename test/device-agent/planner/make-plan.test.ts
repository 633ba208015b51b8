import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarisePlan, toPlanText } from '@precrop/device-agent/cli/show-plan';
import { writePlanReport } from '@precrop/device-agent/cli/write-plan-report';
import { type MadePlan, makePlan, type PlanRequest } from '@precrop/device-agent/planner/make-plan';
import { parsePlanFile } from '@precrop/device-agent/protocol/plan-file';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { BudgetError, MeasurementError, UsageError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimulatedMeter, createSimulatedProfile, type SimulatedOptions, trueMs } from './simulated-device.js';

const architecture = createArchitecture('resnet-20');

function plan(request: Partial<PlanRequest> = {}, options: SimulatedOptions = {}): Promise<MadePlan> {
  return makePlan(
    {
      architecture,
      profile: createSimulatedProfile(),
      isForeign: false,
      verify: true,
      toBudget: ({ latencyMs = 0 }) => ({ latencyMs: 0.6 * latencyMs, params: 150_000 }),
      names: ['latencyMs', 'params'],
      objective: 'synexp',
      align: 8,
      growth: 1,
      runtime: 'auto',
      batch: 1,
      trainBatch: 64,
      fronts: null,
      ...request,
    },
    createContext({ seed: 1 }),
    () => {},
    () => createSimulatedMeter(options).meter,
  );
}

test('a verified plan is a file that carries its measurements and every round, and is read back', async () => {
  const { file } = await plan();
  assert.equal(parsePlanFile(JSON.parse(JSON.stringify(file))), JSON.parse(JSON.stringify(file)));
  assert.is(file.status, 'verified');
  assert.is(file.measured?.verdict, 'valid');
  assert.ok((file.measured?.costs.latencyMs?.high ?? 9) <= (file.budget.latencyMs ?? 0));
  assert.equal(
    file.trace.slice(0, 2).map(({ role }) => role),
    ['original', 'narrowest'],
  );
  assert.ok(file.trace.every(({ reference }) => reference.latencyMs !== undefined));
});

test('a file that is no plan, of another version or damaged is told apart', async () => {
  const { file } = await plan({ verify: false });
  const damaged: readonly (readonly [unknown, RegExp])[] = [
    [{ ...file, kind: 'crop' }, /is no plan/],
    [null, /is no plan/],
    [{ ...file, schemaVersion: 2 }, /schema version 2/],
    [{ ...file, widths: { stage1: -8 } }, /damaged plan at "widths.stage1"/],
    [{ ...file, budget: { latency: 1 } }, /damaged plan/],
  ];
  for (const [data, sentence] of damaged) {
    assert.throws(
      () => parsePlanFile(data),
      (error: Error) => error instanceof UsageError && sentence.test(error.message),
    );
  }
});

test('the page and the words of a plan hold what was measured; no number is missing', async () => {
  const made = await plan({}, { verdict: (at) => (at === 2 ? 'noisy' : 'valid') });
  const text = toPlanText(made, architecture, 100);
  const summary = summarisePlan(made, architecture, 1);
  const folder = mkdtempSync(join(tmpdir(), 'precrop-plan-page-'));
  try {
    const conditions = {
      device: 'd',
      runtime: 'auto',
      runtimeUsed: 'simulated',
      power: 'mains',
      versions: { node: '20' },
      startedAt: '2026-01-01T00:00:00Z',
    };
    await writePlanReport(folder, { made, conditions, summary });
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    for (const words of [page.replace(/<script[\s\S]*/, ''), text]) assert.not.match(words, /NaN|undefined|Infinity|\[object/);
    assert.is(page.match(/class="chart"/g)?.length, 4 * 3, 'the front, the rounds and the widths, each at four widths');
    assert.match(page, /✗/);
    assert.ok(Number(summary['speedup']) > 1.5);
    assert.is(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')).plan.widths.stage1, made.file.widths['stage1']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('what cannot be held, is not faster or cannot be measured ends with an error in plain words', async () => {
  const tries: readonly (readonly [Partial<PlanRequest>, SimulatedOptions, typeof BudgetError, RegExp])[] = [
    [
      { toBudget: () => ({ latencyMs: 0.01 }) },
      {},
      BudgetError,
      /latency of 0.0100 ms cannot be held on simulated, 1 thread, batch 1: resnet-20 at multiples of 8 takes at least/,
    ],
    [
      { toBudget: () => ({ latencyMs: 1, memoryBytes: 1e6 }), names: ['latencyMs', 'memoryBytes'] },
      {},
      BudgetError,
      /memory of 1.00 MB cannot be held/,
    ],
    [
      { toBudget: () => ({ latencyMs: 1e3, params: 100_000 }) },
      { surprise: (network) => trueMs(architecture) / trueMs(network), noise: 0.001 },
      BudgetError,
      /^Refused: no crop of resnet-20 .* faster than the original/,
    ],
    [{}, { verdict: () => 'invalid' }, MeasurementError, /Other programs took 40 %/],
  ];
  for (const [request, options, kind, sentence] of tries) {
    try {
      await plan(request, options);
      assert.unreachable(String(sentence));
    } catch (error) {
      assert.instance(error, kind);
      assert.match((error as Error).message, sentence);
    }
  }
});

test('layers may grow where that is allowed, and nothing else changes', async () => {
  const { file } = await plan({ growth: 2, verify: false });
  assert.is(file.growth, 2);
  assert.ok((file.predicted.latencyMs?.value ?? 9) <= (file.budget.latencyMs ?? 0));
});

test.run();
