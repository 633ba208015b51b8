import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { UsageError } from '@precrop/sdk/core/errors';
import { datasetNames } from '@precrop/sdk/data/registry';
import { writeFile } from '@precrop/sdk/data/write-file';
import { type BudgetName, budgetNames } from '@precrop/sdk/plan/budget';
import { listRuntimes } from '@precrop/sdk/runtimes/registry';
import type { Command } from 'commander';
import { toHost } from '../../host/host.js';
import { makePlan } from '../../planner/make-plan.js';
import { type AskedBudget, type AskedValue, parseAsked, toBudget } from '../budget-values.js';
import type { Outcome, Session } from '../command-line.js';
import { toConditions } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { obtainProfile } from '../obtain-profile.js';
import { parseChoice, parseWhole } from '../option-values.js';
import { findObjective, objectiveNames } from '../plan-objective.js';
import { summarisePlan, toFeasibilityTable, toPlanRows, toPlanText } from '../show-plan.js';
import { wrapText } from '../text-table.js';

interface PlanOptions {
  readonly latency?: AskedValue;
  readonly memory?: AskedValue;
  readonly trainStep?: AskedValue;
  readonly params?: AskedValue;
  readonly macs?: AskedValue;
  readonly batch: number;
  readonly trainBatch: number;
  readonly runtime: string;
  readonly objective: string;
  readonly data?: string;
  readonly seed: number;
  readonly allowWider?: boolean;
  readonly align: number;
  readonly profile?: string;
  readonly verify: boolean;
  readonly output?: string;
  readonly report?: string;
}

/** How many times wider a group may become where it may. */
const wider = 2;

export function addPlan(program: Command, run: RunAction): void {
  const held = 'Budget (all that are given hold; 50% is half of what the original takes here):';
  const where = 'Where it runs:';
  const how = 'How:';
  const runtimes = ['auto', ...listRuntimes().map(({ name }) => name)];
  const command = program
    .command('plan')
    .argument('<arch>', 'such as resnet-20; precrop describe tells what it is made of')
    .summary('choose widths that meet a latency and a memory budget as measured on this device, before any training')
    .usage('<arch> [--latency 2ms] [--memory 64MiB] [--train-step 120ms] [options]')
    .addOption(option(held, '--latency <time>', 'of a call of the finished model', parseAsked('--latency', 'time')))
    .addOption(
      option(held, '--memory <bytes>', 'of the process that runs the model, its runtime included', parseAsked('--memory', 'bytes')),
    )
    .addOption(option(held, '--train-step <time>', 'of a training step', parseAsked('--train-step', 'time')))
    .addOption(option(held, '--params <n>', 'trainable parameters', parseAsked('--params', 'count')))
    .addOption(option(held, '--macs <n>', 'multiply-accumulates of one image', parseAsked('--macs', 'count')))
    .addOption(option(where, '--batch <n>', 'images a call', parseWhole('--batch'), 1))
    .addOption(option(where, '--train-batch <n>', 'images a training step', parseWhole('--train-batch'), 64))
    .addOption(
      option(
        where,
        '--runtime <name>',
        `${runtimes.join(', ')}; auto is the fastest of the profile`,
        parseChoice('--runtime', runtimes),
        'auto',
      ),
    )
    .addOption(option(where, '--profile <file>', 'a profile of precrop profile -o (default: the one of this device)'))
    .addOption(
      option(
        how,
        '--objective <name>',
        `what is worth most: ${objectiveNames.join(', ')}`,
        parseChoice('--objective', objectiveNames),
        'synexp',
      ),
    )
    .addOption(option(how, '--data <name>', 'images, for criteria that look at them', parseChoice('--data', ['auto', ...datasetNames])))
    .addOption(option(how, '--seed <n>', 'of the weights that a criterion scores', parseWhole('--seed', 0), 0))
    .addOption(option(how, '--allow-wider', `layers may become up to ${wider} times as wide`))
    .addOption(option(how, '--align <n>', 'widths become multiples of this', parseWhole('--align'), 8))
    .addOption(option(how, '--no-verify', 'take what is predicted, and measure nothing'))
    .addOption(option('Output:', '-o, --output <file>', 'write the plan, which train --plan and --widths read'))
    .addOption(option('Output:', '--report <dir>', 'write report.html and report.json with the front and every round'));
  addOutputOptions(command).action((name: string, options: PlanOptions) =>
    run('plan', flagsOf(command), (session) => plan(name, options, session)),
  );
}

async function plan(name: string, options: PlanOptions, session: Session): Promise<Outcome> {
  const startedMs = session.context.clock();
  const { latency, memory, trainStep, params, macs, verify, output, report, align, batch, trainBatch, runtime } = options;
  const asked: AskedBudget = {
    ...(latency && { latencyMs: latency }),
    ...(memory && { memoryBytes: memory }),
    ...(trainStep && { trainStepMs: trainStep }),
    ...(params && { params }),
    ...(macs && { macs }),
  };
  const names = budgetNames.filter((each): each is BudgetName => asked[each] !== undefined);
  if (names.length === 0) {
    throw new UsageError(
      'There is no budget. Give --latency 2ms, --memory 64MiB, --train-step 120ms, --params 25%, --macs 25%, or several.',
    );
  }
  const architecture = createArchitecture(name);
  const growth = options.allowWider ? wider : 1;
  const { profile, host, isForeign } = await obtainProfile(options.profile, verify, session);
  const objective = await findObjective(options.objective, architecture, options, growth, session);
  let isTold = false;
  const made = await session.progress.run(
    { title: `Plan of ${architecture.name}` },
    (emit) =>
      makePlan(
        {
          ...{ architecture, profile, isForeign, verify, names, objective, align, growth, runtime, batch, trainBatch },
          power: host.power,
          ...(isForeign && { fronts: null }),
          toBudget: (original) => toBudget(asked, original),
        },
        { ...session.context, emit },
        (rows) => {
          isTold = rows.some(({ satisfiable }) => !satisfiable);
          if (isTold) session.progress.say(`\n${toFeasibilityTable(rows, session.width)}\n`);
        },
      ),
    ({ file }) => (file.status === 'verified' ? `${file.trace.length} networks measured` : file.status),
  );
  const { file } = made;
  if (output !== undefined) await writeFile(output, [`${JSON.stringify(file, null, 2)}\n`]);
  const planSeconds = (session.context.clock() - startedMs) / 1000;
  const conditions = toConditions(toHost(host), session, {
    runtime,
    runtimeUsed: file.runtime,
    threads: file.threads,
    batch: file.batch,
  });
  const summary = summarisePlan(made, architecture, planSeconds);
  const written =
    report === undefined
      ? undefined
      : await (await import('../write-plan-report.js')).writePlanReport(report, { made, conditions, summary });
  return {
    document: () => ({
      conditions,
      verdict: file.measured?.verdict ?? 'valid',
      reasons: file.measured?.reasons ?? [],
      summary,
      results: toPlanRows(file, architecture),
    }),
    text: () =>
      [
        toPlanText(made, architecture, session.width),
        '',
        wrapText(
          output === undefined
            ? `Write it to a file with -o plan.json, then train it: precrop train --plan plan.json`
            : `Written to ${output}. Train it with: precrop train --plan ${output}`,
          session.width,
        ),
        ...(written ? [`Report: ${written.htmlPath}`] : []),
      ].join('\n'),
  };
}
