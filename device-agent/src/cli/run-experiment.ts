import { join } from 'node:path';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { type PreCropError, TrainingError } from '@precrop/sdk/core/errors';
import { type GranularityAxes, nameCell, type Realisation, toCells } from '../experiment/granularity-cells.js';
import { loadExperiment } from '../experiment/load-experiment.js';
import { type FailedCell, runGranularity } from '../experiment/run-granularity.js';
import { countUsableCores } from '../host/usable-cores.js';
import { toGranularityPage } from '../report/experiment/granularity-page.js';
import { type GranularityReport, toGranularityFindings } from '../report/experiment/granularity-report.js';
import { granularityHeader, toGranularityRows } from '../report/experiment/granularity-table.js';
import { writeReportFiles } from '../report/write-report-files.js';
import { resolveBackend } from '../setup/probe-backend.js';
import type { Outcome, Session } from './command-line.js';
import { loadConditions } from './conditions.js';
import { loadDatasetFacts, requireFit } from './load-dataset-facts.js';
import { type RecipeOptions, toRecipe } from './recipe-options.js';
import { showExperiment } from './show-experiment.js';
import { toTextTable, wrapText } from './text-table.js';

export interface ExperimentOptions extends RecipeOptions {
  readonly arch: string;
  readonly density: readonly number[];
  readonly from: readonly string[];
  readonly as: readonly Realisation[];
  readonly seeds: number;
  readonly align: number;
  readonly data: string;
  readonly trainImages?: number;
  readonly testImages?: number;
  readonly jobs: number;
  readonly runs: string;
  readonly output: string;
  readonly reportOnly?: true;
}

/** Trains what is missing, and reports on all that is there. */
export async function runExperiment(options: ExperimentOptions, session: Session): Promise<Outcome> {
  if (options.reportOnly) return reportOn(options.output, session);
  const { density: densities, from: sources, as, seeds, align, jobs, trainImages, testImages, output: folder } = options;
  const axes: GranularityAxes = { sources, densities, realisations: as, seeds };
  const architecture = createArchitecture(options.arch);
  const dataset = { name: options.data, trainImages, testImages, seed: 0 };
  requireFit(architecture, await loadDatasetFacts(dataset, session));
  const { used: backend } = await resolveBackend('auto', session.context);
  const threads = Math.max(1, Math.floor(countUsableCores() / jobs));
  const recipe = toRecipe(options);
  const setting = { architecture, dataset, recipe, backend, align, runsDirectory: options.runs, threads };
  const { failures } = await showExperiment({ epochs: recipe.epochs, jobs, folder }, session).run((contexts) =>
    runGranularity({ ...axes, setting, folder, jobs }, contexts),
  );
  const outcome = await reportOn(folder, session);
  if (failures.length > 0) throw describeFailures(failures, toCells(axes).length, folder);
  return outcome;
}

async function reportOn(folder: string, session: Session): Promise<Outcome> {
  const { setting, results, asked } = await loadExperiment(folder);
  const findings = toGranularityFindings(setting, results, asked);
  const { runtime: _, runtimeUsed: __, ...conditions } = await loadConditions(session);
  const report: GranularityReport = {
    schemaVersion: 1,
    command: 'experiment granularity',
    conditions: { ...conditions, runtime: 'auto', runtimeUsed: setting.backend, batch: setting.recipe.batch },
    ...findings,
  };
  const { htmlPath, jsonPath } = await writeReportFiles(folder, report, toGranularityPage);
  return {
    document: () => report,
    text: () =>
      [
        toTable(report, session.width),
        '',
        ...[...report.reasons, ...report.conclusion].map((sentence) => wrapText(sentence, session.width)),
        '',
        `Report: ${htmlPath} (numbers: ${jsonPath})`,
      ].join('\n'),
  };
}

function toTable({ results }: GranularityReport, width: number): string {
  const keys = Object.keys(granularityHeader) as (keyof typeof granularityHeader)[];
  return toTextTable(
    keys.map((key) =>
      key === 'where' || key === 'realisation'
        ? { title: granularityHeader[key], least: 12 }
        : { title: granularityHeader[key], align: 'right' },
    ),
    toGranularityRows(results).map((row) => keys.map((key) => row[key])),
    width,
  );
}

/** The report of the others is written by then. */
function describeFailures(failures: readonly FailedCell[], total: number, folder: string): PreCropError {
  const [first] = failures as [FailedCell, ...FailedCell[]];
  const which =
    failures.length === 1
      ? `The training ${nameCell(first.cell)} of ${total} failed`
      : `${failures.length} of ${total} trainings failed, first ${nameCell(first.cell)}`;
  return new TrainingError(
    `${which}: ${first.error.message} The others are kept, with their report in ${join(folder, 'report.html')}; the same command tries again what failed.`,
    { cause: first.error, details: { failed: failures.map(({ cell, error }) => ({ cell: nameCell(cell), message: error.message })) } },
  );
}
