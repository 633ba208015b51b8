import { isAbsolute, join } from 'node:path';
import { formatBytes, formatMs, formatPercent } from '@precrop/sdk/core/units';
import { loadHost } from '../host/host.js';
import type { TrainingDescription } from '../jobs/training-description.js';
import type { TrainingResult } from '../jobs/training-run.js';
import { formatInteger } from '../report/format.js';
import type { ResolvedBackend } from '../setup/probe-backend.js';
import type { Outcome, Session } from './command-line.js';
import { toConditions } from './conditions.js';
import { describeMask, summariseMask } from './describe-mask.js';
import { toTextList } from './text-table.js';

export interface TrainedRun {
  readonly description: TrainingDescription;
  readonly backend: ResolvedBackend;
  readonly result: TrainingResult;
  readonly runsDirectory: string;
  readonly name: string;
  /** Whether an earlier launch had trained it to its end. */
  readonly wasFinished: boolean;
}

/** What a training run came to, in words and as a document. */
export function describeTraining(run: TrainedRun, session: Session): Outcome {
  const { result, description, name } = run;
  const epochs = result.records.length;
  const summary = {
    run: name,
    accuracy: result.accuracy,
    loss: result.loss,
    epochs,
    seconds: result.seconds,
    secondsPerEpoch: result.seconds / epochs,
    peakRssBytes: result.peakRssBytes,
    ...summariseMask(run),
  };
  return {
    document: async () => ({
      conditions: await loadTrainingConditions(run, session),
      verdict: 'valid',
      reasons: [],
      summary,
      results: result.records,
    }),
    text: () => {
      const list = toTextList([
        ...describeMask(run),
        ['Test accuracy', formatPercent(summary.accuracy)],
        ['Test loss', summary.loss.toFixed(3)],
        ['Training time', `${formatMs(summary.seconds * 1000)}, ${formatMs(summary.secondsPerEpoch * 1000)} an epoch`],
        [
          'Peak memory',
          `${formatBytes(result.peakRssBytes)}, ${formatBytes(result.peakRssBytes - result.baselineRssBytes)} of it for training`,
        ],
        ['Run', toRunPath(run)],
      ]);
      const again = run.wasFinished
        ? 'This run was finished before, so nothing was trained. To train anew, change --seed or delete its folder.\n\n'
        : '';
      const sparse = description.mask ? `\n\nWrite what is left of it: precrop export ${name} --to tflite --sparse` : '';
      return `${again}${toTitle(description, epochs)}\n${list}${sparse}`;
    },
  };
}

/** "resnet-20 on cifar10, 10,000 images, 5 epochs". */
function toTitle({ architecture, dataset, initial }: TrainingDescription, epochs: number): string {
  const images = dataset.trainImages === undefined ? 'all images' : `${formatInteger(dataset.trainImages)} images`;
  const start = initial ? ', fine-tuned' : '';
  return `${architecture.name}${start} on ${dataset.name}, ${images}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
}

function toRunPath({ runsDirectory, name }: TrainedRun): string {
  const path = join(runsDirectory, name);
  return isAbsolute(path) ? path : `.${path.startsWith('.') ? path.slice(1) : `/${path}`}`;
}

async function loadTrainingConditions({ description, backend }: TrainedRun, session: Session) {
  const host = await loadHost();
  const [library = backend.used, version = backend.version] = backend.version.split(' ');
  return toConditions(host, session, {
    runtime: backend.asked,
    runtimeUsed: backend.used,
    threads: backend.used === 'tensorflow-graph' ? host.cores : 1,
    batch: description.recipe.batch,
    versions: { [library.toLowerCase()]: version },
  });
}
