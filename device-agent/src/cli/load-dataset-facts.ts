import { parseArchitectureName } from '@precrop/sdk/architectures/registry';
import { UsageError } from '@precrop/sdk/core/errors';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { DatasetFacts } from '../jobs/dataset-service.js';
import type { DatasetChoice } from '../jobs/training-description.js';
import { formatInteger } from '../report/format.js';
import { startWorker } from '../worker/start-worker.js';
import type { Session } from './command-line.js';

export interface CheckedDataset extends DatasetFacts {
  /** [height, width, channels]. */
  readonly imageShape: readonly [number, number, number];
}

/** What a choice of images comes to, fetched first where that is needed: `auto` becomes a name. */
export function loadDatasetFacts(choice: DatasetChoice, { progress, context }: Session): Promise<CheckedDataset> {
  return progress.run(
    { title: 'Images' },
    async (emit) => {
      const worker = await startWorker('dataset', choice, { context: { ...context, emit } });
      try {
        return { ...(await worker.call('facts')), imageShape: await worker.call('imageShape') };
      } finally {
        await worker.close();
      }
    },
    ({ name, trainImages, testImages }) => `${name}, ${formatInteger(trainImages)} to train on, ${formatInteger(testImages)} to test on`,
  );
}

/** @throws UsageError where the architecture cannot read these images or tell these classes apart. */
export function requireFit(architecture: Architecture, { name, imageShape, classes }: CheckedDataset): void {
  const isSame = architecture.input.join() === imageShape.join() && architecture.classes === classes;
  if (isSame) return;
  const hint = isForImagenet(architecture.name) ? ` Try ${architecture.name}-cifar.` : ' Choose other images or another architecture.';
  throw new UsageError(
    `${architecture.name} takes images of ${architecture.input.join('x')} in ${architecture.classes} classes, but ${name} has ${imageShape.join('x')} in ${classes}.${hint}`,
  );
}

/** An imported network has any name. */
function isForImagenet(name: string): boolean {
  try {
    return parseArchitectureName(name).dataset === 'imagenet';
  } catch {
    return false;
  }
}
