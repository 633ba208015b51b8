import type { Backend } from '@precrop/sdk/backends/backend';
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { createContext } from '@precrop/sdk/core/context';
import { keepLargest } from '@precrop/sdk/mask/keep-largest';
import type { Masks, Scores } from '@precrop/sdk/mask/masks';
import type { ScoringTask } from '@precrop/sdk/saliency/criterion';
import { pruneNetwork } from '@precrop/sdk/saliency/prune';
import { findCriterion } from '@precrop/sdk/saliency/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readGolden } from '../../conformance/golden.js';
import { createScoringNetwork, type ScoringNetwork } from '../../golden/saliency/scoring-network.js';
import { checkKept, checkScores, type GoldenScores } from '../../support/golden-scores.js';
import { skip } from '../../support/skip.js';

/** What make-first-order.py found. */
interface Golden {
  readonly criteria: Readonly<Record<string, GoldenScores>>;
  /** The weights that SynFlow leaves at density 0.1 after all its iterations. */
  readonly synflowAfter100: string;
}

const graph = createTensorflowGraphBackend();
const probe = await graph.probe();
const usable = 'device' in probe ? [graph] : [];
if (!('device' in probe)) skip(test, `${graph.name}: criteria of first order`, probe.reason);
const backends: readonly Backend[] = [...usable, createTfjsEagerBackend({ device: 'wasm' })];
const [fastest] = backends as [Backend];

for (const file of ['resnet-20-w4', 'mobilenet-v1', 'mobilenet-v2']) {
  const network = createScoringNetwork(file);
  const golden = readGolden<Golden>(`saliency/${file}.first-order.json`);

  for (const backend of backends) {
    for (const [criterion, expected] of Object.entries(golden.criteria)) {
      // The golden scores of FORCE are those of a pruned network: there it differs from SNIP.
      const masks = criterion === 'force' ? network.masks : toOnes(network);
      test(`${backend.name}: ${criterion} ranks the weights of ${file} as PyTorch does`, async () => {
        checkScores(await scoreOnce(criterion, toTask(network, backend), masks), expected);
      });
    }
  }

  test(`after 100 iterations synflow leaves just the weights of ${file} that PyTorch's doubles leave`, async () => {
    checkKept(await pruneNetwork(findCriterion('synflow'), toTask(network, fastest), 0.1), golden.synflowAfter100);
  });
}

// No golden numbers: after some iterations one value on the other side of a kink becomes other masks, in PyTorch's float32, too.
for (const [name, revives] of [
  ['iter-snip', false],
  ['force', true],
] as const) {
  test(`${name} scores the network under the masks before; what is gone ${revives ? 'may return' : 'stays gone'}`, async () => {
    const network = createScoringNetwork('resnet-20-w4');
    const task = toTask(network, fastest);
    const first = await pruneNetwork(findCriterion(name), task, 0.3, 1);
    const scores = await scoreOnce(name, task, first);
    const expected = keepLargest(
      new Map(
        [...scores].map(([id, layer]) => [id, layer.map((score, index) => (revives ? score : score * (first.get(id)?.[index] ?? 0)))]),
      ),
      0.3 ** 2,
    );
    const second = await pruneNetwork(findCriterion(name), task, 0.3 ** 2, 2);
    assert.equal(second, expected);
    const returned = [...second].some(([id, mask]) => mask.some((kept, index) => kept === 1 && first.get(id)?.[index] === 0));
    assert.is(returned, revives);
  });
}

function toOnes({ masks }: ScoringNetwork): Masks {
  return new Map([...masks].map(([id, { length }]) => [id, new Uint8Array(length).fill(1)]));
}

function toTask({ architecture, weights, batch }: ScoringNetwork, backend: Backend): ScoringTask {
  return { architecture, weights, batch, backend, context: createContext() };
}

async function scoreOnce(name: string, task: ScoringTask, masks: Masks): Promise<Scores> {
  const scorer = await findCriterion(name).createScorer(task);
  try {
    return await scorer.score(masks, 0, 0.1);
  } finally {
    scorer.dispose();
  }
}

test.run();
