import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import { type BudgetName, budgetNames, budgets } from '@precrop/sdk/plan/budget';
import type { Interval } from '../../protocol/plan-file.js';
import { drawWidths } from '../charts/group-widths.js';
import { drawPlanFront } from '../charts/plan-front.js';
import { drawPlanRounds } from '../charts/plan-rounds.js';
import { formatShare, toSpeedWords } from '../format.js';
import { escapeHtml, typeset } from '../markup.js';
import { toConclusionCard, toFigure, toPage, toSection } from '../page-frame.js';
import type { PlanReport } from './plan-report.js';

/** A plan as one HTML document that loads nothing: what was asked, what was found, every network that was built on the way. */
export function toPlanPage(report: PlanReport): string {
  const { plan } = report;
  const headline = toHeadline(report);
  return toPage({
    brand: 'plan',
    title: `${plan.architecture}: ${headline}`,
    headline,
    context: toContext(report),
    style: 'header { padding-bottom: 24px; }',
    data: report,
    main: [
      toConclusionCard('What was asked, and what it comes to', toConclusion(report)),
      toSection('What is possible', 'Least: the cheapest network of this architecture. Original: as it was published.', toTable(report)),
      toSection(
        'Worth against cost',
        'Dots: candidates as predicted; the line joins those that nothing cheaper is better than. Squares: networks that were built, as measured; a dotted line leads from what was predicted.',
        toFigure((width) => drawPlanFront(report, report.tightest, width)),
      ),
      ...toRounds(report),
      toSection(
        'Width of every group',
        '<span class="key key-track"></span>original, <span class="key key-crop"></span>plan. Layers that must keep equal widths form a group.',
        toFigure((width) => drawWidths(report.groups, width)),
      ),
      `<section class="card"><h2>Conditions</h2>${toConditions(report)}</section>`,
      `<section class="card method"><h2>How this was found</h2><ul>${notes.map((note) => `<li>${typeset(note)}</li>`).join('')}</ul></section>`,
    ].join('\n'),
  });
}

function toHeadline({ summary, plan, tightest }: PlanReport): string {
  const speed = typeof summary['speedup'] === 'number' ? toSpeedWords(summary['speedup']) : undefined;
  const { words, format } = budgets[tightest];
  const cost = plan.measured?.costs[tightest] ?? plan.predicted[tightest];
  const holds = `${format(cost?.value ?? 0)} of ${words} within ${format(plan.budget[tightest] ?? 0)}`;
  return `${plan.measured ? '' : 'Predicted: '}${holds}${speed ? `, ${speed} than the original` : ''}`;
}

function toContext({ plan }: PlanReport): string {
  const { architecture, runtime, threads, batch, device } = plan;
  return `${architecture} on ${runtime}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, batch ${batch}, on ${device}.`;
}

function toConclusion({ plan, summary, feasibility }: PlanReport): readonly string[] {
  const costs = feasibility.map(({ name, budget }) => {
    const { words, format } = budgets[name];
    const cost = plan.measured?.costs[name] ?? plan.predicted[name];
    return `${words} ${format(cost?.value ?? 0)} of ${format(budget)} (${formatPercent((cost?.value ?? 0) / budget)} used)`;
  });
  const count = plan.trace.filter(({ role }) => role === 'candidate').length;
  const how =
    plan.status === 'verified'
      ? `${count} ${count === 1 ? 'candidate was' : 'candidates were'} built untrained and measured in fresh processes; the plan carries its own measurements.`
      : 'Nothing was measured: these are predictions of the profile, and nothing is promised.';
  const share = (name: string): string => formatShare(Number(summary[name] ?? 0));
  return [
    `The plan holds its budget: ${costs.join('; ')}.`,
    how,
    `It keeps ${share('paramsRatio')} of the parameters and ${share('macsRatio')} of the MACs.`,
  ];
}

function toRounds(report: PlanReport): readonly string[] {
  const names = budgetNames.filter((name) => name !== 'params' && name !== 'macs');
  return names.flatMap((name) => {
    if (drawPlanRounds(report, name, 640) === '') return [];
    return [
      toSection(
        `Predicted and measured: ${budgets[name].words}`,
        'Grey: what was predicted before it was measured, with its 90 % bounds. Squares: measured, with their bounds; the filled one is the plan. A cross: not valid, and measured again.',
        toFigure((width) => drawPlanRounds(report, name, width)),
      ),
    ];
  });
}

function toTable({ feasibility, plan }: PlanReport): string {
  const rows = feasibility.map(({ name, least, original, budget, satisfiable }) => {
    const { words, format } = budgets[name];
    const cells = [
      format(least),
      format(original),
      format(budget),
      satisfiable ? 'yes' : 'no',
      toCell(name, plan.predicted[name]),
      toCell(name, plan.measured?.costs[name]),
    ];
    return `<tr><th scope="row">${escapeHtml(words)}</th>${cells.map((cell) => `<td>${typeset(cell)}</td>`).join('')}</tr>`;
  });
  const head = ['Least', 'Original', 'Asked', 'Satisfiable', 'Predicted', 'Measured']
    .map((title) => `<th scope="col">${title}</th>`)
    .join('');
  return `<div class="scroll"><table><thead><tr><th scope="col">Budget</th>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function toCell(name: BudgetName, interval: Interval | undefined): string {
  if (interval === undefined) return '–';
  const { value, low, high } = interval;
  return `${budgets[name].format(value)}${high > low ? ` ± ${formatPercent((high - low) / 2 / value)}` : ''}`;
}

function toConditions({ plan, conditions, summary }: PlanReport): string {
  const entries: readonly (readonly [string, string])[] = [
    ['Device', plan.device],
    ['Runtime', `${plan.runtime}, ${plan.threads} ${plan.threads === 1 ? 'thread' : 'threads'}, batch ${plan.batch}`],
    ...(plan.trainBackend === null ? [] : [['Training', `${plan.trainBackend}, batch ${plan.trainBatch}`] as const]),
    ['Power', conditions.power],
    ['Objective', `${plan.objective.name}, widths in multiples of ${plan.align}`],
    ['Profile', `of ${plan.profile.createdAt.replace('T', ' ').slice(0, 16)} UTC`],
    ['Search', `${formatMs(Number(summary['planMs']))}; another budget ${formatMs(Number(summary['replanMs']))}`],
    ['Verdict', plan.measured ? plan.measured.verdict : 'not measured'],
    [
      'Versions',
      Object.entries(conditions.versions)
        .map((each) => each.join(' '))
        .join(', '),
    ],
  ];
  return `<dl>${entries.map(([term, value]) => `<div><dt>${escapeHtml(term)}</dt><dd>${typeset(value)}</dd></div>`).join('')}</dl>`;
}

const notes: readonly string[] = [
  'A network is built with random weights and timed in fresh processes, in blocks that alternate with the original’s: what the machine does meanwhile happens to both, and a machine that changes is noticed.',
  'What was measured corrects the model of this device, which then proposes the next network: until one is measured within the budget, upper bound included, and uses 95 % of it, or none that is wider fits.',
  'A latency is the median of all blocks. Its bounds hold the median with 95 % certainty, and the medians of each process.',
  'Memory is the highest resident memory of a fresh process that loads and runs the model, over a bare one: the median of three processes.',
  'A measurement that is noisy, or that contradicts an earlier one, is repeated, and never stamped.',
];
