import { DataError } from '@precrop/sdk/core/errors';
import { type CellResult, readAllResults } from './cell-result.js';
import { type ExperimentSetting, readAxes, readSetting } from './experiment-setting.js';
import { type Cell, type GranularityAxes, nameCell, type Realisation, realisations, toCells } from './granularity-cells.js';

/** An experiment as far as it has come. */
export interface LoadedExperiment {
  readonly setting: ExperimentSetting;
  readonly results: readonly CellResult[];
  /** The trainings that there should be: what was asked for last, or else all combinations of what there is. */
  readonly asked: readonly Cell[];
}

/** Reads the folder of an experiment. @throws UsageError where it holds none, DataError for a broken result. */
export async function loadExperiment(folder: string): Promise<LoadedExperiment> {
  const setting = await readSetting(folder);
  const results = await readAllResults(folder);
  const other = results.find(({ records }) => records.length !== setting.recipe.epochs);
  if (other) {
    throw new DataError(
      `${nameCell(other.cell)} in ${folder} was trained for ${other.records.length} epochs, and the others for ${setting.recipe.epochs}. Delete its file to train it again.`,
    );
  }
  return { setting, results, asked: toCells((await readAxes(folder)) ?? toAxes(results)) };
}

function toAxes(results: readonly CellResult[]): GranularityAxes {
  const cells = results.map(({ cell }) => cell);
  const found = new Set(cells.map(({ realisation }) => realisation));
  return {
    sources: [...new Set(cells.flatMap(({ source }) => source ?? []))],
    densities: [...new Set(cells.flatMap(({ source, density }) => (source === undefined ? [] : density)))],
    realisations: realisations.filter((realisation: Realisation) => found.has(realisation)),
    seeds: Math.max(0, ...cells.map(({ seed }) => seed + 1)),
  };
}
