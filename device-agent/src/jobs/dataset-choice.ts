import { join } from 'node:path';
import type { RunContext } from '@precrop/sdk/core/context';
import { createRng } from '@precrop/sdk/core/rng';
import type { ImageDataset } from '@precrop/sdk/data/dataset';
import { loadDataset, loadDefaultDataset } from '@precrop/sdk/data/registry';
import { takeSubset } from '@precrop/sdk/data/take-subset';
import { cacheDirectory } from '../setup/cache-directory.js';
import type { DatasetChoice } from './training-description.js';

/** The images of a choice; `auto` is CIFAR-10, or `shapes` where that can be neither found nor fetched. */
export async function loadChosenDataset(choice: DatasetChoice, context: RunContext): Promise<ImageDataset> {
  const options = { cacheDirectory: join(cacheDirectory(), 'data'), context };
  const dataset = choice.name === 'auto' ? await loadDefaultDataset(options) : await loadDataset(choice.name, options);
  const rng = createRng(choice.seed);
  const part = (name: 'train' | 'test', count: number | undefined): ImageDataset['train'] =>
    count === undefined ? dataset[name] : takeSubset(dataset[name], count, rng.fork('subset', name));
  return { ...dataset, train: part('train', choice.trainImages), test: part('test', choice.testImages) };
}
