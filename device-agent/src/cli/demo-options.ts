import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { defaultRecipe } from '@precrop/sdk/train/recipe';
import { loadHost } from '../host/host.js';
import type { DemoOptions } from '../jobs/demo.js';
import { resolveBackend } from '../setup/probe-backend.js';
import { chooseCrop } from './choose-crop.js';
import type { Session } from './command-line.js';

/** As commander gives them. */
export interface DemoCommandOptions {
  readonly arch?: string;
  readonly macs?: number;
  readonly params?: number;
  readonly data: string;
  readonly full?: boolean;
  readonly epochs?: number;
  readonly seed: number;
  readonly runs: string;
  readonly output: string;
}

/** By default a part of the images, so that it ends within minutes on two cores; in full the recipe of the README's accuracy. */
export const shortDemo: DemoSize = {
  arch: 'resnet-20',
  align: 8,
  epochs: 6,
  batch: 128,
  peak: defaultRecipe.schedule.peak,
  trainImages: 10_000,
  testImages: 2_000,
  inferenceBatches: [1, 128],
};

/** Without the native library a step takes a hundred times longer: what still ends within minutes shows times, but hardly learns. */
const plainDemo: DemoSize = {
  ...shortDemo,
  arch: 'resnet-20-w4',
  align: 2,
  epochs: 3,
  batch: 16,
  peak: 0.05,
  trainImages: 320,
  testImages: 100,
  inferenceBatches: [1, 16],
};

interface DemoSize {
  readonly arch: string;
  readonly align: number;
  readonly epochs: number;
  readonly batch: number;
  /** Highest learning rate. */
  readonly peak: number;
  readonly trainImages: number;
  readonly testImages: number;
  readonly inferenceBatches: readonly number[];
}

/** What the demo is asked to do on this machine. @throws as `createArchitecture` and `resolveBackend` do. */
export async function toDemoOptions(options: DemoCommandOptions, session: Session): Promise<DemoOptions> {
  const { data, full = false, seed, runs } = options;
  const { context } = session;
  const [host, backend] = await Promise.all([loadHost(), resolveBackend('auto', context)]);
  const size = backend.used === 'tensorflow-graph' ? shortDemo : plainDemo;
  if (size === plainDemo) {
    context.emit({
      type: 'warning',
      message: `This is the small demo, on "${backend.used}": the native backend is not usable here. Run precrop doctor to see why.`,
    });
  }
  const { align, batch, peak, inferenceBatches } = size;
  const images = full ? {} : { trainImages: size.trainImages, testImages: size.testImages };
  const architecture = createArchitecture(options.arch ?? size.arch);
  return {
    architecture,
    crop: await chooseCrop(architecture, { ...options, align }, session),
    dataset: { name: data, ...images, seed },
    recipe: {
      ...defaultRecipe,
      schedule: { ...defaultRecipe.schedule, peak },
      batch,
      seed,
      epochs: options.epochs ?? (full ? defaultRecipe.epochs : size.epochs),
    },
    inferenceBatches,
    backend,
    runsDirectory: runs,
    host,
  };
}
