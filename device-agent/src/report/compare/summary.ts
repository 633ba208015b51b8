import type { Measurement } from '../../measure/measurement.js';
import type { ComparedNetwork, CompareSetting, CompareSummary } from './comparison.js';
import { timeAt } from './duels.js';

/** The named figures: of the first batch, and of the first source's crop at equal parameters. */
export function toCompareSummary({ batches, seeds, crops }: CompareSetting, networks: readonly ComparedNetwork[]): CompareSummary {
  const [batch = 1] = batches;
  const original = networks[0] as ComparedNetwork;
  const crop = networks.find(({ source, equal }) => source === crops[0] && equal === 'params');
  const sparse = findFastestSparse(networks, batch);
  const [originalTime, cropTime, sparseTime] = [original, crop, sparse].map((each) => each && timeAt(each, batch));
  return {
    speedupOverOriginal: toSpeedup(originalTime, cropTime),
    speedupOverSparse: toSpeedup(sparseTime, cropTime),
    sparseRuntime: sparseTime?.runtime ?? null,
    sparse: sparse?.id ?? null,
    crop: crop?.id ?? null,
    cropRuntime: cropTime?.runtime ?? null,
    batch,
    originalAccuracy: original.accuracy.mean,
    cropAccuracy: crop?.accuracy.mean ?? null,
    sparseAccuracy: sparse?.accuracy.mean ?? null,
    cropMs: cropTime?.median ?? null,
    sparseMs: sparseTime?.median ?? null,
    originalMs: originalTime?.median ?? null,
    trainStepSpeedup: crop ? toSpeedup(valid(original.trainStep), valid(crop.trainStep)) : null,
    seeds: seeds.length,
  };
}

/** The sparse baseline at a batch: the least time of all sparse networks in all runtimes. */
export function findFastestSparse(networks: readonly ComparedNetwork[], batch: number): ComparedNetwork | undefined {
  const timed = networks.filter((each) => each.kind === 'sparse' && timeAt(each, batch));
  return timed.toSorted((a, b) => (timeAt(a, batch)?.median ?? 0) - (timeAt(b, batch)?.median ?? 0))[0];
}

function valid(measurement: Measurement): Measurement | undefined {
  return measurement.verdict === 'invalid' ? undefined : measurement;
}

function toSpeedup(before: Measurement | undefined, after: Measurement | undefined): number | null {
  return before && after ? before.median / after.median : null;
}
