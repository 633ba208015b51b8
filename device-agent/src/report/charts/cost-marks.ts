import * as Plot from '@observablehq/plot';
import { type BudgetName, budgets } from '@precrop/sdk/plan/budget';
import { palette } from './palette.js';

/** The horizontal axis of a cost, in its words and its unit. */
export function drawCostAxis(name: BudgetName, ticks: number): Plot.CompoundMark {
  const { words, format } = budgets[name];
  return Plot.axisX({
    label: `${words.charAt(0).toUpperCase()}${words.slice(1)}`,
    labelArrow: 'none',
    ticks,
    tickFormat: (value: number) => format(value),
    tickSize: 4,
    color: palette.muted,
  }) as Plot.CompoundMark;
}

export interface BudgetLineOptions {
  /** How far above the frame its words stand, px. */
  readonly above: number;
  readonly textAnchor: 'start' | 'middle' | 'end';
}

/** A line at the budget, with its words above; nothing where there is none. */
export function drawBudgetLine(
  name: BudgetName,
  limit: number | undefined,
  { above, textAnchor }: BudgetLineOptions,
): readonly Plot.Markish[] {
  if (limit === undefined) return [];
  return [
    Plot.ruleX([limit], { stroke: palette.worse, strokeWidth: 1.5 }),
    Plot.text([`budget ${budgets[name].format(limit)}`], {
      x: () => limit,
      frameAnchor: 'top',
      dy: -above,
      textAnchor,
      fill: palette.worse,
    }),
  ];
}
