import { join } from 'node:path';
import type { RunContext } from '../core/context.js';
import { DataError, UsageError } from '../core/errors.js';
import { cifar10Header, hasCifar10, loadCifar10 } from './cifar10.js';
import type { DatasetHeader, ImageDataset } from './dataset.js';
import { fashionMnistFolder, fashionMnistHeader, hasFashionMnist, loadFashionMnist } from './fashion-mnist.js';
import { createShapes, shapesHeader } from './shapes.js';

export interface DatasetOptions {
  /** Where fetched data is kept, a folder a data set. */
  readonly cacheDirectory: string;
  readonly context: RunContext;
  /** Never fetch. */
  readonly offline?: boolean;
  /** Of a data set that is drawn. Default 0. */
  readonly seed?: number;
}

export type DatasetProbe =
  | { readonly status: 'ready' }
  /** Will be fetched when it is loaded. */
  | { readonly status: 'downloadable'; readonly reason: string }
  | { readonly status: 'absent'; readonly reason: string };

interface DatasetEntry {
  readonly header: DatasetHeader;
  load(options: DatasetOptions): Promise<ImageDataset>;
  probe(cacheDirectory: string): Promise<DatasetProbe>;
}

const datasets: Readonly<Record<string, DatasetEntry>> = {
  cifar10: {
    header: cifar10Header,
    load: ({ cacheDirectory, context, offline = false }) => loadCifar10(join(cacheDirectory, 'cifar10'), context, { offline }),
    async probe(cacheDirectory) {
      const ready = await hasCifar10(join(cacheDirectory, 'cifar10'));
      return ready ? { status: 'ready' } : { status: 'downloadable', reason: 'It is fetched at first use: 139 MB, 184 MB on disk.' };
    },
  },
  'fashion-mnist': {
    header: fashionMnistHeader,
    async load({ cacheDirectory }) {
      const folder = await findFashionMnist(cacheDirectory);
      if (folder === undefined)
        throw new DataError(
          `Fashion-MNIST was not found. ${howToGetFashionMnist(cacheDirectory)} Or use the data set "shapes", which needs no download.`,
        );
      return loadFashionMnist(folder);
    },
    async probe(cacheDirectory) {
      return (await findFashionMnist(cacheDirectory)) === undefined
        ? { status: 'absent', reason: howToGetFashionMnist(cacheDirectory) }
        : { status: 'ready' };
    },
  },
  shapes: {
    header: shapesHeader,
    load: async ({ seed = 0 }) => createShapes({ seed }),
    probe: async () => ({ status: 'ready' }),
  },
};

export const datasetNames: readonly string[] = Object.keys(datasets);

/** What a data set is, without loading it. @throws UsageError for an unknown name. */
export function describeDataset(name: string): DatasetHeader {
  return toEntry(name).header;
}

/**
 * The data set of a name, fetched first where that is needed and allowed.
 * @throws UsageError for an unknown name; DataError when it is absent or damaged; StorageError; CancelledError.
 */
export async function loadDataset(name: string, options: DatasetOptions): Promise<ImageDataset> {
  return toEntry(name).load(options);
}

/**
 * Whether a data set can be loaded, without loading it.
 * @throws UsageError for an unknown name.
 */
export async function probeDataset(name: string, { cacheDirectory }: Pick<DatasetOptions, 'cacheDirectory'>): Promise<DatasetProbe> {
  return toEntry(name).probe(cacheDirectory);
}

/**
 * CIFAR-10, or `shapes` with a warning where it can be neither found nor fetched.
 * @throws as `loadDataset`, for instance when a file of CIFAR-10 is damaged.
 */
export async function loadDefaultDataset(options: DatasetOptions): Promise<ImageDataset> {
  try {
    return await loadDataset('cifar10', options);
  } catch (error) {
    if (!(error instanceof DataError && error.details['unreachable'] === true)) throw error;
    options.context.emit({ type: 'warning', message: `Using the data set "shapes" instead of CIFAR-10. ${error.message}` });
    return loadDataset('shapes', options);
  }
}

function toEntry(name: string): DatasetEntry {
  const entry = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (!entry) throw new UsageError(`There is no data set "${name}". Choose one of: ${datasetNames.join(', ')}.`);
  return entry;
}

async function findFashionMnist(cacheDirectory: string): Promise<string | undefined> {
  for (const folder of [join(cacheDirectory, 'fashion-mnist'), fashionMnistFolder]) {
    if (await hasFashionMnist(folder)) return folder;
  }
  return undefined;
}

function howToGetFashionMnist(cacheDirectory: string): string {
  return `Put its four .gz files into ${join(cacheDirectory, 'fashion-mnist')}, or install Debian's package dataset-fashion-mnist.`;
}
