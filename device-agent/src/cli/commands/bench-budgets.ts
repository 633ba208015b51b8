import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import { budgets } from '@precrop/sdk/plan/budget';
import type { Command } from 'commander';
import { benchBudgets } from '../../bench/budgets.js';
import { type BudgetsDocument, createBudgetsDocument } from '../../bench/budgets-document.js';
import { toHost } from '../../host/host.js';
import type { Outcome, Session } from '../command-line.js';
import { toConditions } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { obtainProfile } from '../obtain-profile.js';
import { parseWhole } from '../option-values.js';
import { toTextTable, wrapText } from '../text-table.js';

interface BudgetsOptions {
  readonly arch: string;
  readonly budgets: number;
  readonly impossible: number;
  readonly batch: number;
  readonly runtime: string;
  readonly align: number;
  readonly profile?: string;
  readonly seed: number;
}

const usual = 'resnet-20,mobilenet-v2-x1.0-cifar,shufflenet-v2-x1.0-cifar';

export function addBenchBudgets(bench: Command, run: RunAction): void {
  const what = 'What to measure:';
  const command = bench
    .command('budgets')
    .summary('plan for random budgets of latency and memory, and measure every plan again in fresh processes')
    .addOption(option(what, '--arch <arch,…>', 'networks, in turn', undefined, usual))
    .addOption(option(what, '--budgets <n>', 'feasible budgets', parseWhole('--budgets', 0), 50))
    .addOption(option(what, '--impossible <n>', 'budgets that nothing can hold', parseWhole('--impossible', 0), 20))
    .addOption(option(what, '--batch <n>', 'images a call', parseWhole('--batch'), 1))
    .addOption(option(what, '--runtime <name>', 'auto is the fastest of the profile', undefined, 'auto'))
    .addOption(option(what, '--align <n>', 'widths become multiples of this', parseWhole('--align'), 8))
    .addOption(option(what, '--profile <file>', 'a profile of this device (default: the one of precrop profile)'))
    .addOption(option(what, '--seed <n>', 'of the budgets', parseWhole('--seed', 0), 0));
  addOutputOptions(command).action((options: BudgetsOptions) =>
    run('bench budgets', flagsOf(command), (session) => benchmark(options, session)),
  );
}

async function benchmark(
  { arch, budgets: feasible, impossible, batch, runtime, align, profile: path }: BudgetsOptions,
  session: Session,
): Promise<Outcome> {
  const start = session.context.clock();
  const architectures = arch.split(',').map((name) => createArchitecture(name.trim()).name);
  const { profile, host } = await obtainProfile(path, true, session);
  const bench = { profile, architectures, feasible, impossible, batch, runtime, align, power: host.power };
  const results = await session.progress.run(
    { title: 'Budgets' },
    (emit) => benchBudgets(bench, { ...session.context, emit }),
    () => 'measured',
  );
  const [fastest] = profile.inference;
  const used = runtime === 'auto' ? (fastest?.engine ?? runtime) : runtime;
  const conditions = toConditions(toHost(host), session, { runtime, runtimeUsed: used, batch, threads: fastest?.threads ?? 1 });
  const document = createBudgetsDocument(results, conditions, (session.context.clock() - start) / 1000);
  return { document: () => document, text: () => toText(document, session.width) };
}

function toText({ summary, results, verdict, reasons }: BudgetsDocument, width: number): string {
  const { latencyMs, memoryBytes } = budgets;
  const table = toTextTable(
    [
      { title: 'network', least: 12 },
      { title: 'latency', align: 'right' },
      { title: 'memory', align: 'right' },
      { title: 'ended' },
      { title: 'rounds', align: 'right' },
      { title: 'used', align: 'right' },
      { title: 'held' },
    ],
    results.map(({ architecture, budget, broken, ending, rounds, use, held, named }) => [
      architecture,
      latencyMs.format(budget.latencyMs ?? 0),
      memoryBytes.format(budget.memoryBytes ?? 0),
      ending === 'infeasible' ? `infeasible: ${named.map((name) => budgets[name].words).join(', ')}` : ending,
      String(rounds),
      use === null ? '' : formatPercent(use),
      broken.length > 0 ? '' : held ? 'yes' : 'no',
    ]),
    width,
  );
  const words = [
    `${summary.held} of ${summary.feasible} feasible budgets hold when they are measured again; the tighter budget is used to ${formatPercent(summary.meanUse ?? 0)} on average.`,
    `${summary.infeasible} of ${summary.impossible} impossible budgets were called infeasible, ${summary.infeasibleNamed} with the right name.`,
    `It took ${formatMs(1000 * (summary.seconds ?? 0))}.`,
    ...(verdict === 'valid' ? [] : reasons),
  ];
  return [table, '', ...words.map((line) => wrapText(line, width))].join('\n');
}
