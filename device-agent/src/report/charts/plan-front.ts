import * as Plot from '@observablehq/plot';
import { formatSignificant } from '@precrop/sdk/core/units';
import { type BudgetName, budgets } from '@precrop/sdk/plan/budget';
import { keyOf } from '../../planner/rounds.js';
import type { PlanRound } from '../../protocol/plan-file.js';
import { type FrontPoint, findBest, type PlanReport } from '../plan/plan-report.js';
import { drawBudgetLine, drawCostAxis } from './cost-marks.js';
import { palette } from './palette.js';
import { renderChart } from './render-chart.js';

interface Measured {
  readonly x: number;
  readonly low: number;
  readonly high: number;
  readonly predicted: number;
  readonly y: number;
  readonly role: 'original' | 'chosen' | 'tried';
}

/** What networks are worth against what they cost: all candidates as predicted, those that were built as measured, and the budget. @returns SVG. */
export function drawPlanFront(report: PlanReport, name: BudgetName, width: number): string {
  const { front, plan } = report;
  const { words, format } = budgets[name];
  const costOf = (point: FrontPoint): number => point.cost[name] ?? Number.NaN;
  const points = front.filter((point) => point.cost[name] !== undefined);
  const measured = toMeasured(report, name);
  const limit = plan.budget[name];
  const all = [...points.map(costOf), ...measured.flatMap(({ low, high }) => [low, high]), ...(limit === undefined ? [] : [limit])];
  const objectives = [...points.map(({ objective }) => objective), ...measured.map(({ y }) => y)];
  const [least, most] = [Math.min(...objectives), Math.max(...objectives)];
  const room = Math.max(1e-9, most - least) * 0.08;
  const dots = [
    { role: 'original' as const, symbol: 'circle' as const, fill: palette.original, r: 5 },
    { role: 'tried' as const, symbol: 'square' as const, fill: palette.surface, r: 4.5 },
    { role: 'chosen' as const, symbol: 'square' as const, fill: palette.crop, r: 6 },
  ];
  return renderChart(
    {
      width,
      height: Math.round(Math.min(400, Math.max(260, width * 0.55))),
      marginLeft: 46,
      marginRight: 20,
      marginTop: 34,
      marginBottom: 40,
      x: { domain: [Math.min(...all) * 0.96, Math.max(...all) * 1.03] },
      y: { domain: [least - room, most + room] },
      marks: [
        Plot.gridY({ stroke: palette.grid, strokeOpacity: 1, ticks: 5 }),
        Plot.axisY({
          label: `Objective (${plan.objective.name})`,
          labelArrow: 'none',
          labelAnchor: 'top',
          labelOffset: 44,
          tickSize: 0,
          ticks: 5,
          color: palette.muted,
        }),
        drawCostAxis(name, width < 440 ? 4 : 7),
        Plot.dot(points, { x: costOf, y: 'objective', r: 1.6, fill: palette.track }),
        Plot.line(findBest(points, name), { x: costOf, y: 'objective', curve: 'step-after', stroke: palette.muted, strokeWidth: 1.25 }),
        ...drawBudgetLine(name, limit, {
          above: 20,
          textAnchor: limit !== undefined && limit > (Math.min(...all) + Math.max(...all)) / 2 ? 'end' : 'start',
        }),
        Plot.ruleY(measured, { x1: 'predicted', x2: 'x', y: 'y', stroke: palette.muted, strokeDasharray: '2,2' }),
        Plot.ruleY(measured, { x1: 'low', x2: 'high', y: 'y', stroke: palette.crop, strokeWidth: 1.5 }),
        ...dots.map(({ role, ...style }) =>
          Plot.dot(
            measured.filter((each) => each.role === role),
            { x: 'x', y: 'y', ...style, stroke: role === 'tried' ? palette.crop : palette.surface, strokeWidth: 1.5 },
          ),
        ),
        ...measured
          .filter(({ role }) => role !== 'tried')
          .map((each) =>
            Plot.text([each], {
              x: 'x',
              y: 'y',
              text: ({ role }: Measured) => (role === 'chosen' ? 'plan' : 'original'),
              dy: 15,
              textAnchor: each.role === 'original' ? 'end' : 'start',
              dx: each.role === 'original' ? 4 : -4,
              fontWeight: 600,
              fill: 'currentColor',
              stroke: palette.surface,
              strokeWidth: 3,
            }),
          ),
      ],
    },
    {
      title: `What networks are worth against their ${words}`,
      description: measured.map(({ role, x, y }) => `${role}: ${formatSignificant(y)} at ${format(x)}`).join('; '),
    },
  );
}

/** What was built; without any measurement the plan and the original as predicted. */
function toMeasured({ plan }: PlanReport, name: BudgetName): readonly Measured[] {
  const chosen = keyOf(plan.widths);
  const toRole = ({ role, widths }: PlanRound): Measured['role'] =>
    keyOf(widths) === chosen ? 'chosen' : role === 'original' ? 'original' : 'tried';
  const rounds = plan.trace.flatMap((round): readonly Measured[] => {
    const [cost, predicted] = [round.measured.costs[name], round.predicted[name]];
    if (!cost || round.objective === null || round.measured.verdict !== 'valid') return [];
    const { value: x, low, high } = cost;
    return [{ x, low, high, predicted: predicted?.value ?? x, y: round.objective, role: toRole(round) }];
  });
  if (rounds.length > 0) return rounds;
  const predicted = plan.predicted[name];
  return predicted
    ? [
        {
          x: predicted.value,
          low: predicted.low,
          high: predicted.high,
          predicted: predicted.value,
          y: plan.objective.value,
          role: 'chosen',
        },
      ]
    : [];
}
