import { CancelledError } from '@precrop/sdk/core/errors';
import { formatPercent } from '@precrop/sdk/core/units';
import { compareNetworks } from '../compare/compare-networks.js';
import type { Stages } from '../compare/stages.js';
import { loadHost } from '../host/host.js';
import type { ComparedNetwork, NetworkComparison } from '../report/compare/comparison.js';
import { createComparison } from '../report/compare/create-comparison.js';
import { toComparePage } from '../report/compare/page.js';
import { toCompareCells, toRuntimeLines } from '../report/compare/text-table.js';
import type { ReportConditions } from '../report/report.js';
import { toReportHost, toReportRecipe } from '../report/training-conditions.js';
import { writeReportFiles } from '../report/write-report-files.js';
import type { Outcome, Session } from './command-line.js';
import { type CompareCommandOptions, type ResolvedComparison, resolveComparison } from './compare-options.js';
import { toLibraryVersion } from './conditions.js';
import { toTextTable, wrapText } from './text-table.js';

const mostReasons = 8;

/** Compares, and writes the report. */
export async function compare(options: CompareCommandOptions, session: Session): Promise<Outcome> {
  const resolved = await resolveComparison(options, session);
  const { density, crops, sparse, seeds, align, batches } = resolved.networks;
  const { networks: results, leftOut, steadiness } = await run(resolved, session);
  const report = createComparison({
    conditions: await loadConditions(resolved, results, session),
    setting: { density, crops, sparse, seeds, align, batches },
    steadiness,
    leftOut,
    results,
  });
  const { htmlPath, jsonPath } = await writeReportFiles(options.output, report, toComparePage);
  return { document: () => report, text: () => toText(report, `Report: ${htmlPath} (numbers: ${jsonPath})`, session.width) };
}

async function run({ networks }: ResolvedComparison, { context, progress }: Session) {
  const stages: Stages = {
    context,
    run: (stage, work, done) => progress.run(stage, (emit) => work({ ...context, emit }), done),
  };
  try {
    return await compareNetworks(networks, stages);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw new CancelledError('Stopped. Give the same command again to go on: finished trainings are kept, and a begun one goes on.', {
      cause: error,
    });
  }
}

async function loadConditions(
  { networks, facts, backend, runtimes }: ResolvedComparison,
  results: readonly ComparedNetwork[],
  { startedAt }: Session,
): Promise<ReportConditions> {
  const host = await loadHost();
  const { recipe, density, crops, align } = networks;
  const used = results.flatMap(({ inference }) => inference.map(({ runtime }) => runtime.replace(/\/sparse$/, '')));
  const versions = runtimes.filter(({ name }) => used.includes(name)).map(({ name, version = '' }) => [name, version]);
  const { name, source, trainImages, testImages, classes } = facts;
  const [library = backend.used] = backend.version.split(' ');
  return {
    ...toReportHost(host),
    runtime: backend.asked,
    runtimeUsed: backend.used,
    threads: results[0]?.trainStep.threads ?? host.cores,
    batch: recipe.batch,
    inference: { asked: 'fastest', tried: runtimes.map((each) => each.name) },
    versions: { ...host.versions, ...toLibraryVersion(library.toLowerCase(), backend.version), ...Object.fromEntries(versions) },
    startedAt: startedAt.toISOString(),
    dataset: { name, source, trainImages, testImages, classes },
    recipe: toReportRecipe(recipe),
    crop: `${crops.join(', ')}, each with the parameters and with the MACs of masks at density ${formatPercent(density, 0)}, widths in multiples of ${align}`,
  };
}

function toText(report: NetworkComparison, where: string, width: number): string {
  const { titles, rows } = toCompareCells(report);
  const columns = titles.map((title, index) => (index === 0 ? { title, least: 12 } : { title, align: 'right' as const }));
  const doubts = toDoubts(report);
  const lines = [...toRuntimeLines(report), ...doubts, '', report.headline, '', ...report.conclusion, '', where];
  return [toTextTable(columns, rows, width), '', ...lines.map((line) => wrapText(line, width))].join('\n');
}

/** A busy machine has a reason for every number: a screen of them is enough. */
function toDoubts({ reasons }: NetworkComparison): readonly string[] {
  if (reasons.length === 0) return [];
  const shown = reasons.slice(0, mostReasons).map((reason) => `~ ${reason}`);
  const more = reasons.length - shown.length;
  return ['', ...shown, ...(more > 0 ? [`~ And ${more} more, in report.json.`] : [])];
}
