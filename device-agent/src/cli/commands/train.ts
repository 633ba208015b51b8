import { basename, dirname, resolve } from 'node:path';
import { listBackends } from '@precrop/sdk/backends/registry';
import { CancelledError, UsageError } from '@precrop/sdk/core/errors';
import { datasetNames, describeDataset } from '@precrop/sdk/data/registry';
import type { ModelMetadata } from '@precrop/sdk/export/model';
import { type Granularity, granularities } from '@precrop/sdk/mask/realise';
import { maskSources } from '@precrop/sdk/saliency/find-masks';
import type { Command } from 'commander';
import type { MaskChoice } from '../../jobs/mask-choice.js';
import type { ModelSource } from '../../jobs/model-source.js';
import { nameRun, type TrainingDescription } from '../../jobs/training-description.js';
import { startTrainingRun, type TrainingResult } from '../../jobs/training-run.js';
import { type ResolvedBackend, resolveBackend } from '../../setup/probe-backend.js';
import { findRun } from '../../store/run-folder.js';
import type { Outcome, Session } from '../command-line.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { describeTraining } from '../describe-training.js';
import { findModelSource, loadArchitecture, withModel } from '../find-model-source.js';
import { loadDatasetFacts, requireFit } from '../load-dataset-facts.js';
import { parseChoice, parseShare, parseWhole } from '../option-values.js';
import { readPlannedNetwork } from '../read-plan.js';
import { readWidths, widthsHelp } from '../read-widths.js';
import { addRecipeOptions, type RecipeOptions, toRecipe } from '../recipe-options.js';

interface TrainOptions extends RecipeOptions {
  readonly arch?: string;
  readonly from?: string;
  readonly plan?: string;
  readonly widths: string;
  readonly align?: number;
  readonly mask?: string;
  readonly density?: number;
  readonly granularity: Granularity;
  readonly redraw?: boolean;
  readonly data: string;
  readonly trainImages?: number;
  readonly testImages?: number;
  readonly backend: string;
  readonly runs: string;
  readonly resume?: string | true;
}

const network = 'Network:';
const zeros = 'Zeros instead of a crop:';
const images = 'Images:';
const place = 'Where:';

export function addTrain(program: Command, run: RunAction): void {
  const data = ['auto', ...datasetNames];
  const backends = ['auto', ...listBackends().map(({ name }) => name)];
  const command = program
    .command('train')
    .summary('train an architecture, at its own or at cropped widths; Ctrl-C keeps what is done')
    .usage('(--arch <arch> | --plan <file> | --from <model> | --resume [run]) [options]')
    .addOption(option(network, '--arch <arch>', 'such as resnet-20 or mobilenet-v2-x0.5-cifar; or that of an imported model'))
    .addOption(option(network, '--from <model>', 'fine-tune: begin with the weights of a run or of an imported model'))
    .addOption(option(network, '--plan <file>', 'the network of a plan: precrop plan -o plan.json'))
    .addOption(option(network, '--widths <widths>', widthsHelp, undefined, 'original'))
    .addOption(option(network, '--align <n>', 'multiple that a width multiplier rounds to (default: 8)', parseWhole('--align')))
    .addOption(
      option(
        zeros,
        '--mask <name>',
        `what chooses the weights that stay, before training: ${maskSources.join(', ')}`,
        parseChoice('--mask', maskSources),
      ),
    )
    .addOption(option(zeros, '--density <share>', 'how many of all weights stay, such as 10%', parseShare('--density')))
    .addOption(
      option(
        zeros,
        '--granularity <kind>',
        `${granularities.join(', ')}: the chosen weights, as many of each layer at random, or whole kernels or input channels at random`,
        parseChoice('--granularity', granularities),
        granularities[0],
      ),
    )
    .addOption(option(zeros, '--redraw', 'train other first weights than those that were scored'))
    .addOption(
      option(
        images,
        '--data <name>',
        `${data.join(', ')}; auto is cifar10, or shapes where that cannot be fetched`,
        parseChoice('--data', data),
        'auto',
      ),
    )
    .addOption(
      option(images, '--train-images <n>', 'a seeded, balanced part of the training images (default: all)', parseWhole('--train-images')),
    )
    .addOption(option(images, '--test-images <n>', 'the same of the test images (default: all)', parseWhole('--test-images')));
  addRecipeOptions(command)
    .addOption(
      option(
        place,
        '--backend <name>',
        `what computes: ${backends.join(', ')}; auto is the best that works here`,
        parseChoice('--backend', backends),
        'auto',
      ),
    )
    .addOption(option(place, '--runs <dir>', 'folder of the runs', undefined, 'runs'))
    .addOption(option(place, '--resume [run]', 'go on with that run, or with the newest that is unfinished'));
  addOutputOptions(command).action((options: TrainOptions) =>
    run('train', flagsOf(command), (session) => train(options, optionsGiven(command), session)),
  );
}

async function train(options: TrainOptions, given: readonly string[], session: Session): Promise<Outcome> {
  const { description, runsDirectory, source } = await findDescription(options, given, session);
  const backend = await findBackend(options.resume === undefined ? options.backend : description.backend, session);
  const described = { ...description, backend: backend.used };
  const name = nameRun(described);
  try {
    const { result, wasFinished } = await trainAll(described, runsDirectory, source, session);
    return describeTraining({ description: described, backend, result, runsDirectory, name, wasFinished }, session);
  } catch (error) {
    if (!(error instanceof CancelledError) && !session.context.signal.aborted) throw error;
    const runs = runsDirectory === 'runs' ? '' : ` --runs ${runsDirectory}`;
    throw new CancelledError(`Stopped. Continue with: precrop train --resume ${name}${runs}`, { cause: error });
  }
}

interface Found {
  readonly description: TrainingDescription;
  readonly runsDirectory: string;
  /** Where the weights are that it begins with. */
  readonly source?: ModelSource | undefined;
}

/** @throws UsageError where there is neither an architecture nor a run, or options that a begun run cannot take. */
async function findDescription(options: TrainOptions, given: readonly string[], session: Session): Promise<Found> {
  const { arch, from, resume, runs } = options;
  const mask = resume === undefined ? toMaskChoice(options, given) : undefined;
  if (resume !== undefined) {
    const [extra] = given.filter((flag) => !['--resume', '--runs', '--json', '--verbose'].includes(flag));
    if (extra !== undefined) throw new UsageError(`--resume goes on with a run as it was begun: ${extra} cannot be given with it.`);
    const runsDirectory = typeof resume === 'string' && /[/\\]/.test(resume) ? dirname(resolve(resume)) : runs;
    return { description: await findRun(runsDirectory, resume === true ? undefined : basename(resume)), runsDirectory };
  }
  if (from !== undefined) {
    const extra = given.find((flag) => ['--arch', '--plan', '--widths', '--align'].includes(flag));
    if (extra !== undefined) throw new UsageError(`--from brings the architecture with its weights: ${extra} cannot be given with it.`);
    if (mask) throw new UsageError('--mask chooses weights before any training: it cannot be given with --from. Give --arch.');
    const { source, ...start } = await loadStart(from, runs, session);
    return { description: await createDescription(start, options, session), runsDirectory: runs, source };
  }
  if (options.plan !== undefined) {
    const extra = given.find((flag) => ['--arch', '--widths', '--align'].includes(flag));
    if (extra !== undefined) throw new UsageError(`--plan brings the architecture with its widths: ${extra} cannot be given with it.`);
    const architecture = await readPlannedNetwork(options.plan);
    return { description: await createDescription({ architecture, ...(mask && { mask }) }, options, session), runsDirectory: runs };
  }
  if (arch === undefined) {
    throw new UsageError(
      'Name an architecture with --arch, such as --arch resnet-20, a plan with --plan, a model to fine-tune with --from, or a run to go on with by --resume.',
    );
  }
  const architecture = await readWidths(options.widths, await loadArchitecture(arch, runs, session), options.align);
  return { description: await createDescription({ architecture, ...(mask && { mask }) }, options, session), runsDirectory: runs };
}

/** @throws UsageError where a part of it is missing. */
function toMaskChoice(
  { mask: source, density, granularity, redraw = false }: TrainOptions,
  given: readonly string[],
): MaskChoice | undefined {
  if (source === undefined) {
    const extra = given.find((flag) => ['--density', '--granularity', '--redraw'].includes(flag));
    if (extra === undefined) return undefined;
    throw new UsageError(`${extra} is about zeros: say what chooses them, such as --mask synflow. For a crop give --widths.`);
  }
  if (density === undefined) throw new UsageError(`How many weights does --mask ${source} keep? Give --density 10%, for instance.`);
  return { source, density, granularity, redraw };
}

type Start = Pick<TrainingDescription, 'architecture' | 'initial' | 'mask'> & { readonly metadata?: ModelMetadata };

/** A model that has weights to begin with. @throws UsageError for an architecture's name. */
async function loadStart(from: string, runs: string, session: Session): Promise<Start & { readonly source: ModelSource }> {
  const source = await findModelSource(from, runs);
  if (source.kind === 'architecture') throw new UsageError(`${from} has no trained weights to begin with. Train it with --arch ${from}.`);
  return withModel(source, session, async (_, { architecture, metadata, weightsHash }) => ({
    architecture,
    metadata,
    initial: { name: architecture.name, weightsHash },
    source,
  }));
}

/** All but the backend's name, which may still be `auto`. */
async function createDescription({ metadata, ...start }: Start, options: TrainOptions, session: Session): Promise<TrainingDescription> {
  const { trainImages, testImages, seed, backend } = options;
  const dataset = { trainImages, testImages, seed };
  const facts = await loadDatasetFacts({ ...dataset, name: options.data }, session);
  requireFit(start.architecture, facts);
  if (metadata) warnOfPixels(metadata, facts.name, session);
  if (options.batch > facts.trainImages) {
    throw new UsageError(
      `--batch is ${options.batch}, but there are ${facts.trainImages} training images: choose a smaller batch or more images.`,
    );
  }
  return { kind: 'train', ...start, dataset: { ...dataset, name: facts.name }, recipe: toRecipe(options), backend };
}

/** A network that has learnt from other pixels than it will see has to learn that first. */
function warnOfPixels({ normalization }: ModelMetadata, dataset: string, { progress }: Session): void {
  const { mean, std } = describeDataset(dataset);
  if (normalization && `${normalization.mean};${normalization.std}` === `${mean};${std}`) return;
  const reads = normalization ? `pixels normalised with mean ${normalization.mean.join(', ')}` : 'pixels as they are';
  progress.say(
    `! The model was made for ${reads}; ${dataset} normalises them with mean ${mean.join(', ')}. Its accuracy may fall at first.`,
  );
}

function findBackend(asked: string, { progress, context }: Session): Promise<ResolvedBackend> {
  return progress.run(
    { title: 'Backend' },
    () => resolveBackend(asked, context),
    ({ used, version, passedOver }) => {
      const [better] = passedOver;
      return `${used} (${version})${better ? `; ${better.name} is ${better.status}, precrop doctor says why` : ''}`;
    },
  );
}

async function trainAll(
  description: TrainingDescription,
  runsDirectory: string,
  source: ModelSource | undefined,
  { progress, context }: Session,
): Promise<{ readonly result: TrainingResult; readonly wasFinished: boolean }> {
  const { architecture, recipe } = description;
  const [task] = progress.start([{ title: architecture.name, epochs: recipe.epochs }]);
  const emit: typeof context.emit = (event) => (event.type === 'warning' ? context.emit(event) : task?.update(event));
  emit({ type: 'phase', name: 'start', message: 'starting' });
  try {
    const run = await startTrainingRun(description, runsDirectory, { ...context, emit }, { source });
    const wasFinished = run.resumed === recipe.epochs;
    if (run.resumed > 0 && !wasFinished)
      emit({ type: 'phase', name: 'resume', message: `going on after ${run.resumed} of ${recipe.epochs} epochs` });
    try {
      return { result: await run.trainAll(), wasFinished };
    } finally {
      await run.close();
    }
  } catch (error) {
    task?.fail();
    throw error;
  } finally {
    await progress.close();
  }
}

/** The long names of the options that stood on the command line. */
function optionsGiven(command: Command): readonly string[] {
  return command.options
    .filter((each) => command.getOptionValueSource(each.attributeName()) === 'cli')
    .map(({ long, flags }) => long ?? flags);
}
