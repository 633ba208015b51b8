import { UsageError } from '@precrop/sdk/core/errors';
import { formatPercent } from '@precrop/sdk/core/units';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import type { MaskReport } from '@precrop/sdk/mask/report-masks';
import { needsData } from '@precrop/sdk/saliency/find-masks';
import type { DatasetChoice } from '../jobs/training-description.js';
import { type ResolvedBackend, resolveBackend } from '../setup/probe-backend.js';
import { startWorker } from '../worker/start-worker.js';
import type { Session } from './command-line.js';
import { loadDatasetFacts, requireFit } from './load-dataset-facts.js';

export interface ScoreRequest {
  /** A criterion. */
  readonly source: string;
  /** Over all prunable weights. */
  readonly density: number;
  /** Images for criteria that look at them. */
  readonly data?: string | undefined;
  /** Of the first weights, which are what is scored, and of the images. */
  readonly seed: number;
}

export interface Scored {
  readonly report: MaskReport;
  readonly backend: ResolvedBackend;
  /** The images that were looked at. */
  readonly data?: string | undefined;
}

/**
 * Scores an untrained network in a process of its own. What a density leaves nothing of is named in a warning.
 * @throws UsageError where the criterion looks at images and none are named, or they do not fit.
 */
export async function scoreDensities(architecture: Architecture, request: ScoreRequest, session: Session): Promise<Scored> {
  const { source, density, seed } = request;
  const { context, progress } = session;
  const dataset = await findScoringImages(architecture, request, session);
  const backend = await resolveBackend('auto', context);
  const report = await progress.run(
    { title: 'Scoring' },
    async (emit) => {
      const forward: typeof emit = (event) => (event.type === 'warning' ? context.emit(event) : emit(event));
      const mask = { source, density, granularity: 'unstructured', redraw: false } as const;
      const input = { architecture, dataset, backend: backend.used, mask, seed };
      const worker = await startWorker('densities', input, { context: { ...context, emit: forward } });
      try {
        return await worker.call('report');
      } finally {
        await worker.close();
      }
    },
    ({ density: kept }) => `${source} keeps ${formatPercent(kept)} of the weights`,
  );
  return { report, backend, data: dataset?.name };
}

/**
 * The images that a criterion looks at; undefined where it looks at none.
 * @throws UsageError where it does and none are named, or they do not fit.
 */
export async function findScoringImages(
  architecture: Architecture,
  { source, data, seed }: Pick<ScoreRequest, 'source' | 'data' | 'seed'>,
  session: Session,
): Promise<DatasetChoice | undefined> {
  if (!needsData(source)) return undefined;
  if (data === undefined) {
    throw new UsageError(
      `${source} looks at labelled images: name them with --data cifar10, or with --data shapes, which are drawn and not fetched.`,
    );
  }
  const facts = await loadDatasetFacts({ name: data, seed }, session);
  requireFit(architecture, facts);
  return { name: facts.name, seed };
}
