import type { CreateService } from '../worker/service.js';
import { loadChosenDataset } from './dataset-choice.js';
import type { DatasetChoice } from './training-description.js';

/** What a data set is, without its images. */
export interface DatasetFacts {
  readonly name: string;
  readonly source: string;
  readonly trainImages: number;
  readonly testImages: number;
  readonly classes: number;
}

export interface DatasetMethods {
  facts(): Promise<DatasetFacts>;
  /** [height, width, channels]. */
  imageShape(): Promise<readonly [number, number, number]>;
}

/** Fetches and checks a data set in a process of its own, so that its images never weigh on the caller. */
export const createDatasetService: CreateService<DatasetChoice, DatasetMethods> = async (choice, context) => {
  const { name, source, train, test, classNames, height, width, channels } = await loadChosenDataset(choice, context);
  const facts = { name, source, trainImages: train.count, testImages: test.count, classes: classNames.length };
  return { methods: { facts: async () => facts, imageShape: async () => [height, width, channels] } };
};
