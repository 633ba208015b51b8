import { createArchitecture, listArchitectures } from '@precrop/sdk/architectures/registry';
import type { Backend } from '@precrop/sdk/backends/backend';
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { createContext } from '@precrop/sdk/core/context';
import { UsageError } from '@precrop/sdk/core/errors';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { applyMasks, kernelName, type Masks, type Scores } from '@precrop/sdk/mask/masks';
import { toGradients, toInference } from '@precrop/sdk/program/training-step';
import { initializeWeights } from '@precrop/sdk/program/variables';
import type { ScoringTask } from '@precrop/sdk/saliency/criterion';
import { toGrasp } from '@precrop/sdk/saliency/grasp';
import { toNtkSap, toStatistics } from '@precrop/sdk/saliency/ntk-sap';
import { findCriterion } from '@precrop/sdk/saliency/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertClose } from '../../conformance/compare.js';
import { readGolden } from '../../conformance/golden.js';
import { createScoringNetwork, drawBatch, type ScoringNetwork } from '../../golden/saliency/scoring-network.js';
import { createEveryOp } from '../../support/every-op.js';
import { checkRanks, checkScores, type GoldenScores } from '../../support/golden-scores.js';
import { skip } from '../../support/skip.js';

const density = 0.1;

const graph = createTensorflowGraphBackend();
const probe = await graph.probe();
const usable = 'device' in probe ? [graph] : [];
if (!('device' in probe)) skip(test, `${graph.name}: criteria that look ahead`, probe.reason);
const backends: readonly Backend[] = [...usable, createTfjsEagerBackend({ device: 'wasm' })];

const goldenOf = (file: string): Readonly<Record<string, GoldenScores>> =>
  readGolden<{ criteria: Readonly<Record<string, GoldenScores>> }>(`saliency/${file}.lookahead.json`).criteria;

const networks: ReadonlyMap<string, ScoringNetwork> = new Map([
  ['resnet-20-w4', createScoringNetwork('resnet-20-w4')],
  ['mobilenet-v2-cut', cutBehind(createScoringNetwork('mobilenet-v2'), 'stage3.block2')],
]);
const small = networks.get('resnet-20-w4') as ScoringNetwork;
const [fastest] = backends as [Backend];

for (const backend of backends) {
  for (const [file, network] of networks) {
    for (const criterion of ['grasp', 'prospr', 'prospr-first-order']) {
      test(`${backend.name}: ${criterion} ranks the weights of ${file} as PyTorch does`, async () => {
        checkScores(await scoreOnce(criterion, toTask(network, backend)), goldenOf(file)[criterion] as GoldenScores);
      });
    }

    test(`${backend.name}: ntk-sap ranks the weights of ${file} as PyTorch does, under masks and at the same noise`, async () => {
      checkScores(await scoreNtkSap(network, backend), goldenOf(file)['ntk-sap'] as GoldenScores);
    });
  }
}

test('grasp ranks the weights of a deep network as nearly as PyTorch in float32 does', async () => {
  const scores = await scoreOnce('grasp', toTask(createScoringNetwork('mobilenet-v2'), fastest));
  checkRanks(scores, goldenOf('mobilenet-v2')['grasp'] as GoldenScores, 0.99);
});

test('grasp: what a filter before batch norm scores in all is minus the square of its gradient', async () => {
  // Such a filter may be scaled by any c, and nothing changes but its own gradient, which shrinks by c. So the flow is ½(‖g‖² / c² + rest),
  // and its derivative by c, which is the sum of θ · Hg, is -‖g‖² at 1.
  const nodes = small.architecture.nodes.map((node) => (node.op === 'batch-norm' ? { ...node, epsilon: 1e-12 } : node));
  const architecture = { ...small.architecture, nodes };
  const scores = await scoreOnce('grasp', toTask({ ...small, architecture }, fastest));
  const softened = [...small.weights].map(([name, values]) => [
    name,
    name.startsWith('head.fc/') ? values.map((value) => value / 200) : values,
  ]);
  const executable = await fastest.compile([toGradients(architecture, { labelSmoothing: 0 })]);
  await executable.writeVariables(new Map(softened as [string, Float32Array][]));
  const gradients = await executable.run('gradients', { ...small.batch });
  executable.dispose();
  for (const { id, kernelShape } of findPrunableLayers(architecture)) {
    if (id === 'head.fc') continue;
    const filters = kernelShape.at(-1) ?? 1;
    const gradient = gradients[`gradient/${kernelName(id)}`] ?? new Float32Array();
    for (let filter = 0; filter < filters; filter++) {
      const ofFilter = (_: number, index: number): boolean => index % filters === filter;
      const sum = (scores.get(id) ?? new Float32Array()).filter(ofFilter).reduce((total, score) => total + score, 0);
      const square = gradient.filter(ofFilter).reduce((total, value) => total + value * value, 0);
      assert.ok(square > 0 && Math.abs(sum + square) < 0.01 * square, `${id}, filter ${filter}: ${sum} against ${-square}`);
    }
  }
});

test('grasp: every op can be differentiated twice, and backends agree on what comes of it', async () => {
  const architecture = createEveryOp('same');
  const task = { ...toTask(small, fastest), architecture, weights: initializeWeights(architecture, 0), batch: drawBatch(architecture, 6) };
  const [scores, others] = [
    await scoreOnce('grasp', task),
    await scoreOnce('grasp', { ...task, backend: createTfjsEagerBackend({ device: 'cpu' }) }),
  ];
  for (const [id, layer] of scores) {
    assert.ok(
      layer.some((score) => score !== 0),
      id,
    );
    assertClose(layer, others.get(id) ?? [], 1e-3, `${id}: the scores`);
  }
});

test('grasp: every family of architectures can be differentiated twice', () => {
  for (const { published } of listArchitectures()) {
    const architecture = createArchitecture(published[0] as string);
    const expected = findPrunableLayers(architecture).map(({ id }) => `score/${id}`);
    assert.equal(Object.keys(toGrasp(architecture).outputs), expected, architecture.name);
  }
});

test('ntk-sap sees neither data nor the weights that it is given, and draws anew at each iteration', async () => {
  const task = toTask(small, fastest);
  const [once, same, others, later] = [
    await scoreOnce('ntk-sap', task),
    await scoreOnce('ntk-sap', {
      ...task,
      batch: undefined,
      weights: new Map([...small.weights].map(([name, values]) => [name, values.map(() => 0)])),
    }),
    await scoreOnce('ntk-sap', { ...task, context: createContext({ seed: 1 }) }),
    await scoreOnce('ntk-sap', task, 1),
  ];
  assert.equal(once, same);
  for (const different of [others, later]) {
    for (const [id, layer] of different)
      assert.ok(
        layer.some((score, index) => score !== once.get(id)?.[index]),
        id,
      );
  }
});

test('prospr trains before it scores and says how many images that takes', async () => {
  const { images, labels } = small.batch;
  const batch = { images: images.slice(0, (3 * images.length) / labels.length), labels: labels.slice(0, 3) };
  try {
    await scoreOnce('prospr', { ...toTask(small, fastest), batch });
    assert.unreachable();
  } catch (error) {
    assert.ok(error instanceof UsageError && /4 images or more, but 3 came/.test(error.message));
  }
});

/** The nodes up to a block, the pooling and the classifier, with as many of its rows as are left. */
function cutBehind(network: ScoringNetwork, block: string): ScoringNetwork {
  const { architecture, weights, masks } = network;
  const end = architecture.nodes.findLastIndex(({ id }) => id.startsWith(`${block}.`));
  const [pool, dense] = architecture.nodes.slice(-2) as [Architecture['nodes'][number], Architecture['nodes'][number]];
  const last = architecture.nodes[end]?.id as string;
  const nodes = [...architecture.nodes.slice(0, end + 1), { ...pool, inputs: [last] }, dense];
  const cut: Architecture = { ...architecture, nodes };
  const layers = findPrunableLayers(cut);
  const sizeOf = new Map(layers.map(({ id, prunable }) => [id, prunable]));
  return {
    ...network,
    architecture: cut,
    masks: new Map(layers.map(({ id, prunable }) => [id, (masks.get(id) as Uint8Array).slice(0, prunable)])),
    weights: new Map(
      toInference(cut).variables.map(({ name }) => {
        const values = weights.get(name) as Float32Array;
        return [name, name === kernelName(dense.id) ? values.slice(0, sizeOf.get(dense.id)) : values];
      }),
    ),
  };
}

function toTask({ architecture, weights, batch }: ScoringNetwork, backend: Backend): ScoringTask {
  return { architecture, weights, batch, backend, context: createContext() };
}

async function scoreOnce(name: string, task: ScoringTask, iteration = 0): Promise<Scores> {
  const scorer = await findCriterion(name).createScorer(task);
  const ones: Masks = new Map(findPrunableLayers(task.architecture).map(({ id, prunable }) => [id, new Uint8Array(prunable).fill(1)]));
  try {
    return await scorer.score(ones, iteration, density);
  } finally {
    scorer.dispose();
  }
}

// One draw of the criterion, with the weights and images of the network and the noise of make-lookahead.py.
async function scoreNtkSap({ architecture, weights, batch, masks }: ScoringNetwork, backend: Backend): Promise<Scores> {
  const executable = await backend.compile([toStatistics(architecture), toNtkSap(architecture)]);
  try {
    await executable.writeVariables(applyMasks(weights, masks));
    await executable.run('statistics', { images: batch.images }, []);
    const noise = [...masks].map(([id, mask]) => [
      `noise/${id}`,
      Float32Array.from(mask, (kept, i) => kept * Math.SQRT2 * Math.sin(1 + 7 * i)),
    ]);
    const scores = await executable.run('ntk-sap', { images: batch.images, ...Object.fromEntries(noise) });
    return new Map([...masks.keys()].map((id) => [id, (scores[`score/${id}`] as Float32Array).map(Math.abs)]));
  } finally {
    executable.dispose();
  }
}

test.run();
