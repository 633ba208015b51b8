import * as Plot from '@observablehq/plot';
import { type BudgetName, budgets } from '@precrop/sdk/plan/budget';
import { keyOf } from '../../planner/rounds.js';
import type { Interval } from '../../protocol/plan-file.js';
import type { PlanReport } from '../plan/plan-report.js';
import { drawBudgetLine, drawCostAxis } from './cost-marks.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

interface Row {
  readonly label: string;
  readonly predicted: Interval | undefined;
  readonly measured: Interval | undefined;
  readonly isChosen: boolean;
  readonly isTrusted: boolean;
}

/** What was predicted of every network that was built, and what was measured, with error bars: a line a round. @returns SVG; empty where none was. */
export function drawPlanRounds({ plan }: PlanReport, name: BudgetName, width: number): string {
  const { words, format } = budgets[name];
  const chosen = keyOf(plan.widths);
  let number = 0;
  const rows = plan.trace.map(({ role, widths, predicted, measured }): Row => {
    if (role === 'candidate') number++;
    const label = role === 'candidate' ? `candidate ${number}` : role === 'sample' ? 'at random' : role;
    const isTrusted = measured.verdict === 'valid';
    const isChosen = keyOf(widths) === chosen && isTrusted;
    return { label, predicted: predicted[name], measured: measured.costs[name], isChosen, isTrusted };
  });
  const unique = rows.map((row, index) => ({
    ...row,
    label: `${row.label}${rows.findIndex(({ label }) => label === row.label) < index ? ` (${index + 1})` : ''}`,
  }));
  const shown = unique.filter(({ measured }) => measured !== undefined);
  if (shown.length === 0) return '';
  const limit = plan.budget[name];
  const all = [
    ...shown.flatMap(({ predicted, measured }) => [predicted, measured]).flatMap((each) => (each ? [each.low, each.high] : [])),
    ...(limit === undefined ? [] : [limit]),
  ];
  const predicted = shown.flatMap(({ label, predicted: each }) => (each ? [{ label, ...each }] : []));
  const measured = shown.flatMap(({ label, measured: each, isChosen, isTrusted }) =>
    each ? [{ label, ...each, isChosen, isTrusted }] : [],
  );
  type Shown = (typeof measured)[number];
  return renderChart(
    {
      width,
      height: shown.length * 26 + 62,
      marginLeft: 104,
      marginRight: 84,
      marginTop: 26,
      marginBottom: 34,
      x: { domain: [Math.min(...all) * 0.98, Math.max(...all) * 1.02] },
      y: { type: 'band', domain: shown.map(({ label }) => label), padding: 0.2 },
      marks: [
        Plot.gridX({ stroke: palette.grid, strokeOpacity: 1, ticks: width < 440 ? 3 : 6 }),
        drawCostAxis(name, width < 440 ? 3 : 6),
        Plot.axisY({ label: null, tickSize: 0, fill: 'currentColor' }),
        Plot.barX(predicted, { x1: 'low', x2: 'high', y: 'label', fill: palette.track, insetTop: 3, insetBottom: 3, rx: 2 }),
        Plot.tickX(predicted, { x: 'value', y: 'label', stroke: palette.original, strokeWidth: 1.5, insetTop: 3, insetBottom: 3 }),
        ...drawBudgetLine(name, limit, { above: 14, textAnchor: 'middle' }),
        Plot.ruleY(measured, { x1: 'low', x2: 'high', y: 'label', stroke: palette.crop, strokeWidth: 2 }),
        Plot.dot(measured, {
          x: 'value',
          y: 'label',
          r: ({ isChosen }: Shown) => (isChosen ? 6 : 4),
          symbol: 'square',
          fill: ({ isChosen }: Shown) => (isChosen ? palette.crop : palette.surface),
          stroke: ({ isTrusted }: Shown) => (isTrusted ? palette.crop : palette.worse),
          strokeWidth: 1.5,
        }),
        Plot.text(measured, {
          y: 'label',
          frameAnchor: 'right',
          textAnchor: 'end',
          dx: 80,
          text: ({ value, isTrusted }: Shown) => `${format(value)}${isTrusted ? '' : ' ✗'}`,
          fill: 'currentColor',
          fontVariant: 'tabular-nums',
        }),
      ],
      color: { type: 'identity' },
      r: { type: 'identity' },
    },
    {
      title: `Predicted and measured ${words} of every network that was built`,
      description: measured.map(({ label, value }) => `${label}: ${format(value)}`).join('; '),
    },
  );
}
