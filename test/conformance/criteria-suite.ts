import { createArchitecture } from '@precrop/sdk/architectures/registry';
import type { Backend } from '@precrop/sdk/backends/backend';
import { createContext, type RunContext } from '@precrop/sdk/core/context';
import { CancelledError, UsageError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countOnes, type Masks } from '@precrop/sdk/mask/masks';
import { initializeWeights } from '@precrop/sdk/program/variables';
import type { Criterion, ScoringTask } from '@precrop/sdk/saliency/criterion';
import { pruneNetwork } from '@precrop/sdk/saliency/prune';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawBatch } from '../golden/saliency/scoring-network.js';
import { cutBehind, narrow } from '../support/small-networks.js';

const residual = cutBehind(createArchitecture('resnet-20-w8', { inputSize: 8 }), 'stage2.block1');
const networks: Readonly<Record<string, Architecture>> = {
  'residual network': residual,
  chain: narrow(createArchitecture('vgg-11', { inputSize: 16 }), 16),
  'network with depthwise convolutions': cutBehind(createArchitecture('mobilenet-v1-x0.25-cifar', { inputSize: 8 }), 'block4'),
  'network with grouped convolutions': cutBehind(createArchitecture('shufflenet-v1-g3-x0.5-cifar', { inputSize: 8 }), 'stage2.block2'),
};
/** Enough to see that a schedule goes on from its own masks. */
const iterations = 3;

/** Registers what holds for every criterion. */
export function registerCriterionSuite(test: Test, criterion: Criterion, backend: Backend): void {
  for (const [kind, architecture] of Object.entries(networks)) {
    test(`${criterion.name}, ${kind}: a finite score a weight, of the kernel's size, and not all alike; exactly round(density · n) stay`, async () => {
      const task = toTask(architecture, backend);
      const scorer = await criterion.createScorer(task);
      const scores = await scorer.score(toOnes(architecture), 0, 0.5);
      assert.equal(
        [...scores].map(([id, layer]) => [id, layer.length]),
        findPrunableLayers(architecture).map(({ id, prunable }) => [id, prunable]),
      );
      for (const [id, layer] of scores) assert.ok(layer.every(Number.isFinite), id);
      assert.ok(new Set([...scores.values()].flatMap((layer) => [...layer])).size > 1);

      const ready = { ...criterion, createScorer: async () => ({ ...scorer, dispose: () => {} }) };
      const total = [...scores.values()].reduce((sum, { length }) => sum + length, 0);
      for (const density of [1, 0.5, 0.1, 0.01]) {
        const masks = await pruneNetwork(ready, task, density, scheduleOf(criterion));
        const kept = [...masks.values()].reduce((sum, mask) => sum + countOnes(mask), 0);
        assert.is(kept, Math.round(density * total), `at density ${density}`);
      }
      scorer.dispose();
    });
  }

  test(`${criterion.name}: the same task gives the same masks, to the weight, and is left as it was`, async () => {
    const task = toTask(residual, backend);
    const prune = (): Promise<Masks> => pruneNetwork(criterion, task, 0.2, scheduleOf(criterion));
    assert.equal(await prune(), await prune());
    assert.equal(task, { ...toTask(residual, backend), context: task.context });
  });

  test(`${criterion.name}: ${criterion.needsData ? 'without images it asks for a data set in a sentence' : 'it needs no images'}`, async () => {
    const pruning = pruneNetwork(criterion, { ...toTask(residual, backend), batch: undefined }, 0.5, 1);
    if (criterion.needsData) await failsWith(pruning, UsageError, /name a data set/);
    else assert.is((await pruning).size, findPrunableLayers(residual).length);
  });

  test(`${criterion.name}: a density outside (0, 1] is refused in a sentence`, async () => {
    for (const density of [0, -1, 1.5, Number.NaN])
      await failsWith(pruneNetwork(criterion, toTask(residual, backend), density), UsageError, /must be above 0 and at most 1/);
  });

  test(`${criterion.name}: tells each step of its schedule`, async () => {
    const told: RunEvent[] = [];
    const context = createContext({ emit: (event) => void told.push(event) });
    await pruneNetwork(criterion, toTask(residual, backend, context), 0.5, iterations);
    assert.equal(
      told,
      [1, 2, 3].map((done) => ({ type: 'progress', name: criterion.name, done, total: iterations, unit: 'steps' })),
    );
  });

  test(`${criterion.name}: stops between steps where it is cancelled`, async () => {
    const cancel = new AbortController();
    let steps = 0;
    const emit = (): void => {
      steps++;
      setImmediate(() => cancel.abort());
    };
    const context = createContext({ signal: cancel.signal, emit });
    await failsWith(pruneNetwork(criterion, toTask(residual, backend, context), 0.5, 50), CancelledError, /./);
    assert.ok(steps >= 1 && steps <= 2, `${steps} steps were told`);
  });
}

function scheduleOf({ schedule }: Criterion): number {
  return Math.min(schedule.iterations, iterations);
}

function toTask(architecture: Architecture, backend: Backend, context: RunContext = createContext({ seed: 3 })): ScoringTask {
  return { architecture, weights: initializeWeights(architecture, 0), batch: drawBatch(architecture, 20), backend, context };
}

function toOnes(architecture: Architecture): Masks {
  return new Map(findPrunableLayers(architecture).map(({ id, prunable }) => [id, new Uint8Array(prunable).fill(1)]));
}

async function failsWith(promise: Promise<unknown>, kind: new (...args: never[]) => Error, message: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, kind);
  assert.match((error as Error).message, message);
}
