import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { readWidths, withWidths } from '@precrop/sdk/ir/widths';
import { type BudgetName, budgetNames, budgets } from '@precrop/sdk/plan/budget';
import type { Feasibility } from '../planner/feasibility.js';
import type { MadePlan } from '../planner/make-plan.js';
import { keyOf } from '../planner/rounds.js';
import type { Interval, PlanFile } from '../protocol/plan-file.js';
import { formatTimes, toSpeedWords } from '../report/format.js';
import { type GroupRow, toGroupRows } from './crop-comparison.js';
import { toTextTable, wrapText } from './text-table.js';

export function toPlanRows(file: PlanFile, original: Architecture): readonly GroupRow[] {
  return toGroupRows(original, toNetwork(file, original));
}

/** The named figures; null for what was not measured. */
export function summarisePlan(
  { file, feasibility, planMs, replanMs, why }: MadePlan,
  original: Architecture,
  planSeconds: number,
): Readonly<Record<string, number | string | boolean | null>> {
  const { measured, predicted, budget } = file;
  const measuredOf = (name: BudgetName): number | null => measured?.costs[name]?.value ?? null;
  const { params, macs } = countArchitecture(toNetwork(file, original));
  const whole = countArchitecture(original);
  const predictedOf = (name: BudgetName): number | null => predicted[name]?.value ?? null;
  return {
    status: 'fits',
    plan: file.status,
    ended: why,
    latencyMs: measuredOf('latencyMs'),
    memoryBytes: measuredOf('memoryBytes'),
    trainStepMs: measuredOf('trainStepMs'),
    predictedLatencyMs: predictedOf('latencyMs'),
    predictedMemoryBytes: predictedOf('memoryBytes'),
    predictedTrainStepMs: predictedOf('trainStepMs'),
    objective: file.objective.value,
    planSeconds,
    planMs,
    replanMs,
    measuredNetworks: file.trace.length,
    params,
    macs,
    paramsRatio: params / whole.params,
    macsRatio: macs / whole.macs,
    speedup: toSpeedup(file, 'latencyMs'),
    trainStepSpeedup: toSpeedup(file, 'trainStepMs'),
    use: Math.max(...budgetNames.flatMap((name) => toUse(file, name) ?? [])),
    ...Object.fromEntries(budgetNames.flatMap((name) => (budget[name] === undefined ? [] : [[`budget${capitalize(name)}`, budget[name]]]))),
    ...Object.fromEntries(feasibility.map(({ name, least }) => [`least${capitalize(name)}`, least])),
    ...Object.fromEntries(feasibility.map(({ name, original: before }) => [`original${capitalize(name)}`, before])),
  };
}

/** What can be had at all, first of all. */
export function toFeasibilityTable(rows: readonly Feasibility[], width: number): string {
  return toTextTable(
    [
      { title: 'budget', least: 8 },
      { title: 'least', align: 'right' },
      { title: 'original', align: 'right' },
      { title: 'asked', align: 'right' },
      { title: 'satisfiable' },
    ],
    rows.map(({ name, least, original, budget, satisfiable }) => {
      const { words, format } = budgets[name];
      return [words, format(least), format(original), format(budget), satisfiable ? 'yes' : 'no'];
    }),
    width,
  );
}

export function toPlanText(made: MadePlan, original: Architecture, width: number): string {
  const { file, feasibility } = made;
  return [
    toFeasibilityTable(feasibility, width),
    '',
    toWidthsTable(toPlanRows(file, original), width),
    '',
    toCostTable(file, width),
    '',
    ...toWords(made).map((line) => wrapText(line, width)),
  ].join('\n');
}

const barWidth = 24;

function toWidthsTable(rows: readonly GroupRow[], width: number): string {
  const most = Math.max(...rows.flatMap(({ width: channels, originalWidth }) => [channels, originalWidth]));
  return toTextTable(
    [
      { title: 'width group', least: 12 },
      { title: 'original', align: 'right' },
      { title: 'plan', align: 'right' },
      { title: 'kept', align: 'right' },
      { title: '', least: 8 },
    ],
    rows.map(({ group, width: channels, originalWidth }) => [
      group,
      String(originalWidth),
      String(channels),
      formatPercent(channels / originalWidth, 0),
      toBar(channels / most, Math.max(channels, originalWidth) / most),
    ]),
    width,
  );
}

/** What is kept within what there was. */
function toBar(kept: number, whole: number): string {
  const [filled, all] = [kept, whole].map((share) => Math.max(1, Math.round(share * barWidth))) as [number, number];
  return '█'.repeat(filled) + '░'.repeat(Math.max(0, all - filled));
}

function toCostTable(file: PlanFile, width: number): string {
  const { predicted, measured, original, budget } = file;
  const names = budgetNames.filter((name) => predicted[name] !== undefined || measured?.costs[name] !== undefined);
  return toTextTable(
    [
      { title: 'cost', least: 8 },
      { title: 'original', align: 'right' },
      { title: 'predicted', align: 'right' },
      ...(measured ? [{ title: 'measured', align: 'right' as const }] : []),
      { title: 'budget', align: 'right' },
      { title: 'used', align: 'right' },
    ],
    names.map((name) => {
      const { words, format } = budgets[name];
      const isExact = name === 'params' || name === 'macs';
      const show = (interval: Interval | undefined): string =>
        interval === undefined ? '-' : isExact ? format(interval.value) : `${format(interval.value)} ±${toReach(interval)}`;
      const before = original.measured?.costs[name] ?? original.predicted[name];
      const limit = budget[name];
      const use = toUse(file, name);
      return [
        words,
        before === undefined ? '-' : format(before.value),
        show(predicted[name]),
        ...(measured ? [show(measured.costs[name])] : []),
        limit === undefined ? '' : format(limit),
        use === undefined ? '' : formatPercent(use),
      ];
    }),
    width,
  );
}

function toReach({ value, low, high }: Interval): string {
  return formatPercent((high - low) / 2 / value, 0);
}

function toWords({ file, why, planMs, replanMs }: MadePlan): readonly string[] {
  const { runtime, threads, batch, device, status, trace, trainBackend, trainBatch } = file;
  const where = `${runtime}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, batch ${batch}`;
  const speed = toSpeedup(file, 'latencyMs');
  const step = toSpeedup(file, 'trainStepMs');
  const count = trace.filter(({ role }) => role === 'candidate').length;
  const ends: Readonly<Record<MadePlan['why'], string>> = {
    used:
      count === 0
        ? 'Verified: the narrowest network was measured, and there is no room for a wider one.'
        : `Verified: ${count} ${count === 1 ? 'candidate was' : 'candidates were'} built and measured in fresh processes until one used its budget.`,
    widest: `Verified: ${count} ${count === 1 ? 'candidate was' : 'candidates were'} built and measured, and every wider network breaks the budget.`,
    rounds: `Verified: the best of ${count} candidates that were built and measured.`,
    original: 'The original holds this budget as it is: nothing needs to be cropped.',
    predicted: 'Predicted alone: nothing was measured, and nothing is promised.',
  };
  return [
    ends[why],
    ...(speed === null ? [] : [`It runs ${toSpeedWords(speed) ?? `no faster (${formatTimes(speed)})`} than the original on ${where}.`]),
    ...(step === null
      ? []
      : [`It trains ${toSpeedWords(step) ?? `no faster (${formatTimes(step)})`} a step on ${trainBackend}, batch ${trainBatch}.`]),
    `${status === 'predicted for another device' ? 'Predicted for another device' : 'Device'}: ${device}. Search ${formatMs(planMs)}, another budget ${formatMs(replanMs)}.`,
  ];
}

/** How many times as fast as the original: as timed in turn with it, where it was. */
function toSpeedup({ measured, predicted, original, trace, widths }: PlanFile, name: BudgetName): number | null {
  const round = trace.findLast((each) => each.measured.verdict === 'valid' && keyOf(each.widths) === keyOf(widths));
  const [before, after] = measured
    ? [round?.reference[name] ?? original.measured?.costs[name], round?.measured.costs[name] ?? measured.costs[name]]
    : [original.predicted[name], predicted[name]];
  return before && after ? before.value / after.value : null;
}

function toUse({ budget, measured, predicted }: PlanFile, name: BudgetName): number | undefined {
  const limit = budget[name];
  const cost = measured?.costs[name] ?? predicted[name];
  return limit === undefined || cost === undefined ? undefined : cost.value / limit;
}

function toNetwork(file: PlanFile, original: Architecture): Architecture {
  return withWidths(original, new Map([...readWidths(original), ...Object.entries(file.widths)]));
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
