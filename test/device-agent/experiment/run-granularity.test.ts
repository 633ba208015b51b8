import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CellResult } from '@precrop/device-agent/experiment/cell-result';
import { type Cell, nameCell, toCells } from '@precrop/device-agent/experiment/granularity-cells';
import { loadExperiment } from '@precrop/device-agent/experiment/load-experiment';
import type { runCell } from '@precrop/device-agent/experiment/run-cell';
import { type GranularityExperiment, type GranularityRun, runGranularity } from '@precrop/device-agent/experiment/run-granularity';
import { createContext } from '@precrop/sdk/core/context';
import { BackendError, CancelledError, StorageError, UsageError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import { test } from 'uvu';
import { equal, instance, is, match, ok, unreachable } from 'uvu/assert';
import { cellSetting, withExperimentFolder } from './experiment-folder.js';
import { syntheticResult } from './synthetic-results.js';

const axes = { sources: ['erk'], densities: [0.1], realisations: ['unstructured', 'crop'], seeds: 2 } as const;
const all = toCells(axes).map(nameCell);

interface Launch extends Partial<GranularityExperiment> {
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly emit?: (event: RunEvent) => void;
  /** Called instead of training; what it throws is the training's failure. */
  readonly onTrain?: (cell: Cell) => void | Promise<void>;
}

/** Runs with trainings that are made up, and tells which there were. */
async function launch({ signal, emit, onTrain, ...options }: Launch): Promise<GranularityRun & { readonly trained: readonly string[] }> {
  const trained: string[] = [];
  const train: typeof runCell = async (cell): Promise<CellResult> => {
    trained.push(nameCell(cell));
    await onTrain?.(cell);
    return syntheticResult(cell, 0.5);
  };
  const experiment = { ...axes, setting: cellSetting, jobs: 1, ...options };
  const context = createContext({ ...(signal && { signal }), ...(emit && { emit }) });
  const run = await runGranularity(experiment, { general: context, jobs: Array.from({ length: experiment.jobs }, () => context) }, train);
  return { ...run, trained };
}

async function refused(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => unreachable('this should be refused') as never,
    (error: Error) => error,
  );
}

test('every cell is trained and kept, in order; the folder says what was asked', () =>
  withExperimentFolder(async (folder) => {
    const { trained, results } = await launch({ folder });
    equal(trained, all);
    is(results.length, all.length);
    equal((await readdir(join(folder, 'runs'))).sort(), all.map((name) => `${name}.json`).sort());
    const loaded = await loadExperiment(folder);
    equal(loaded.asked.map(nameCell), all);
    is(loaded.setting.architecture, 'resnet-20');
  }));

test('what is there is not trained again; more seeds train what they add', () =>
  withExperimentFolder(async (folder) => {
    await launch({ folder });
    const again = await launch({ folder });
    equal(again.trained, []);
    is(again.results.length, all.length);
    equal(
      (await launch({ folder, seeds: 3 })).trained,
      toCells({ ...axes, seeds: 3 })
        .map(nameCell)
        .slice(all.length),
    );
  }));

test('another recipe, architecture or alignment is refused, and other threads are not', () =>
  withExperimentFolder(async (folder) => {
    await launch({ folder });
    for (const setting of [
      { ...cellSetting, align: 8 },
      { ...cellSetting, recipe: { ...cellSetting.recipe, epochs: 3 } },
      { ...cellSetting, dataset: { ...cellSetting.dataset, trainImages: 10 } },
    ]) {
      const error = await refused(launch({ folder, setting }));
      instance(error, UsageError);
      match(error.message, /holds an experiment with another .* Choose another folder with --output/);
    }
    equal((await launch({ folder, setting: { ...cellSetting, threads: 4, runsDirectory: 'elsewhere' } })).trained, []);
  }));

test('two jobs share the cells, and each is trained once', () =>
  withExperimentFolder(async (folder) => {
    let [running, most] = [0, 0];
    const { trained } = await launch({
      folder,
      jobs: 2,
      async onTrain() {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
      },
    });
    equal([...trained].sort(), [...all].sort());
    is(most, 2);
  }));

test('a training that fails leaves the others, is told, and is tried again', () =>
  withExperimentFolder(async (folder) => {
    const failing = 'erk-0.1-crop-seed0';
    const onTrain = (cell: Cell): void => {
      if (nameCell(cell) === failing) throw new BackendError('The process of "train" ended with signal SIGKILL before it answered.');
    };
    const { failures, results, trained } = await launch({ folder, onTrain });
    equal(trained, all);
    equal(
      failures.map(({ cell }) => nameCell(cell)),
      [failing],
    );
    is(results.length, all.length - 1);
    equal((await launch({ folder })).trained, [failing]);
  }));

test('a full disk, a cancellation or a defect ends it, with what is done kept', () =>
  withExperimentFolder(async (folder) => {
    let done = 0;
    const full = await refused(
      launch({
        folder,
        onTrain() {
          if (++done > 2) throw new StorageError('The disk is full.');
        },
      }),
    );
    instance(full, StorageError);
    is(done, 3, 'nothing is begun after it');
    is((await readdir(join(folder, 'runs'))).length, 2);
    const cancellation = new AbortController();
    const cancelled = await refused(launch({ folder, signal: cancellation.signal, onTrain: () => cancellation.abort() }));
    instance(cancelled, CancelledError);
    is((await readdir(join(folder, 'runs'))).length, 3);
    equal((await launch({ folder })).trained, all.slice(3));
  }));

test('it tells the name of each training, and how many are done of how many', () =>
  withExperimentFolder(async (folder) => {
    await launch({ folder, seeds: 1 });
    const events: RunEvent[] = [];
    await launch({ folder, emit: (event) => events.push(event) });
    const counts = events.flatMap((event) => (event.type === 'progress' ? [`${event.done}/${event.total}`] : []));
    equal(counts, ['3/6', '4/6', '5/6', '6/6']);
    const names = events.flatMap((event) => (event.type === 'phase' ? [event.message] : []));
    equal(names, [...all.slice(3), 'done']);
  }));

for (const [what, text, complaint] of [
  ['that is cut off', '{"cell": {', /is not the result of a training \(it is no JSON\)\. Delete it/],
  ['of something else', '{"cell": 3}', /result\.cell/],
  ['with an accuracy above 1', JSON.stringify({ ...syntheticResult({ density: 1, realisation: 'original', seed: 0 }, 7) }), /result\./],
  [
    'of another cell',
    JSON.stringify(syntheticResult({ density: 1, realisation: 'original', seed: 1 }, 0.5)),
    /holds the result of original-seed1/,
  ],
  [
    'whose accuracy is not its last epoch’s',
    JSON.stringify({ ...syntheticResult({ density: 1, realisation: 'original', seed: 0 }, 0.5), accuracy: 0.6 }),
    /the accuracy is not that of the last epoch/,
  ],
] as const) {
  test(`a result file ${what} is a sentence with its path, and trains nothing over it`, () =>
    withExperimentFolder(async (folder) => {
      await mkdir(join(folder, 'runs'));
      await writeFile(join(folder, 'runs', 'original-seed0.json'), text);
      const error = await refused(launch({ folder, onTrain: () => unreachable('nothing should be trained') }));
      match(error.message, 'original-seed0.json');
      match(error.message, complaint);
    }));
}

test('a folder without an experiment, with a broken setting, or with a result of other epochs is a sentence', () =>
  withExperimentFolder(async (folder) => {
    match((await refused(loadExperiment(folder))).message, /There is no experiment in .* it has no setting\.json/);
    await launch({ folder });
    const longer = syntheticResult({ density: 1, realisation: 'original', seed: 9 }, 0.5);
    await writeFile(
      join(folder, 'runs', 'original-seed9.json'),
      JSON.stringify({ ...longer, records: [...longer.records, longer.records[1]] }),
    );
    match((await refused(loadExperiment(folder))).message, /original-seed9 .* trained for 3 epochs, and the others for 2/);
    await writeFile(join(folder, 'setting.json'), '{"schemaVersion": 1}');
    match((await refused(loadExperiment(folder))).message, /setting\.json is not what precrop experiment wrote/);
    await writeFile(join(folder, 'setting.json'), '{');
    match((await refused(loadExperiment(folder))).message, /setting\.json is no JSON/);
  }));

test('results beyond what was asked are read too; without a note of what was asked, all combinations are', () =>
  withExperimentFolder(async (folder) => {
    await launch({ folder });
    await launch({ folder, sources: ['synexp'], seeds: 1 });
    const { results, asked } = await loadExperiment(folder);
    is(asked.length, 3);
    ok(results.length > asked.length);
    await writeFile(join(folder, 'axes.json'), JSON.stringify({ ...axes, seeds: 0 }));
    match((await refused(loadExperiment(folder))).message, /axes\.json .*seeds/);
  }));

test.run();
