import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import type { Kernel } from '@precrop/sdk/cost/kernels';
import { realisedDensities, toCropModel } from '@precrop/sdk/crop/crop-layers';
import { parseWidths } from '@precrop/sdk/crop/parse-widths';
import { sumLogDensity } from '@precrop/sdk/density/layer-densities';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { readWidths, type Widths, withWidths } from '@precrop/sdk/ir/widths';
import type { Budget } from '@precrop/sdk/plan/budget';
import { createCostTable } from '@precrop/sdk/plan/cost-table';
import { findFront } from '@precrop/sdk/plan/front';
import { objectives } from '@precrop/sdk/plan/objective';
import { pickPlan } from '@precrop/sdk/plan/pick';
import type { Candidate } from '@precrop/sdk/plan/result';
import { enumerateSettings, searchSettings } from '@precrop/sdk/plan/search';
import { createWidthLattice, toWidths } from '@precrop/sdk/plan/width-lattice';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSyntheticCosts } from '../../support/synthetic-costs.js';
import { concat, conv, network } from '../ir/networks.js';

const inference = createSyntheticCosts();
const training = createSyntheticCosts('training');
const costs = { latency: { costs: inference, batch: 8 }, trainStep: { costs: training, batch: 16 } };

/** By the long way: a network is built, its kernels counted one by one. */
function evaluate(architecture: Architecture, widths: Widths): Candidate {
  const built = withWidths(architecture, widths);
  const { params, macs } = countArchitecture(built);
  const model = toCropModel(architecture);
  const original = readWidths(architecture);
  const ratios = new Map([...original].map(([name, width]) => [name, (widths.get(name) ?? width) / width]));
  return {
    widths,
    objective: sumLogDensity(realisedDensities(model.layers, ratios)),
    cost: {
      latencyMs: inference.estimateMs(built, 8).value,
      memoryBytes: inference.estimateBytes(built, 8).value,
      trainStepMs: training.estimateMs(built, 16).value,
      params,
      macs,
    },
  };
}

function evaluateAll(architecture: Architecture, align: number): readonly Candidate[] {
  const lattice = createWidthLattice(architecture, align, 1);
  return enumerateSettings(lattice).map((setting) => evaluate(architecture, toWidths(lattice, setting)));
}

/** Of all that hold the budget, the best objective. */
function bruteForce(all: readonly Candidate[], budget: Budget): number | undefined {
  const held = all.filter(({ cost }) => Object.entries(budget).every(([name, limit]) => (cost[name as keyof Budget] ?? 0) <= limit));
  return held.length === 0 ? undefined : Math.max(...held.map(({ objective }) => objective));
}

function shareOf(cost: Candidate['cost'], share: number, names: readonly (keyof Budget)[]): Budget {
  return Object.fromEntries(names.map((name) => [name, (cost[name] ?? 0) * share]));
}

for (const [name, align] of [
  ['resnet-20', 16],
  ['vgg-11', 128],
  ['mobilenet-v2-x0.5-cifar', 160],
  ['shufflenet-v2-x0.5-cifar', 48],
] as const) {
  test(`${name}: the plan is what brute force finds`, () => {
    const architecture = createArchitecture(name);
    const front = findFront(architecture, costs, { align });
    const all = evaluateAll(architecture, align);
    assert.ok(all.length >= 16, `only ${all.length} settings`);
    const rng = createRng(7).fork(name);
    for (let draw = 0; draw < 30; draw++) {
      const names = rng.shuffled(['latencyMs', 'memoryBytes', 'trainStepMs', 'params', 'macs'] as const).slice(0, rng.integer(1, 3));
      const budget = shareOf(front.original.cost, 0.3 + 0.7 * rng.uniform(), names);
      const [result, best] = [pickPlan(front, budget), bruteForce(all, budget)];
      assert.is(result.status, best === undefined ? 'infeasible' : 'fits');
      if (result.status === 'fits') assert.ok(Math.abs(result.chosen.objective - (best ?? 0)) < 1e-9, JSON.stringify(budget));
    }
  });
}

test('costs and objective of every candidate are those of the network that it describes', () => {
  for (const name of ['resnet-20', 'mobilenet-v2-x0.5-cifar', 'shufflenet-v2-x1.0-cifar', 'vgg-11']) {
    const architecture = createArchitecture(name);
    const { candidates } = findFront(architecture, costs);
    const rng = createRng(3).fork(name);
    for (let draw = 0; draw < 6; draw++) {
      const candidate = candidates[rng.integer(0, candidates.length - 1)] as Candidate;
      const long = evaluate(architecture, candidate.widths);
      assert.ok(Math.abs(candidate.objective - long.objective) < 1e-9);
      for (const [cost, value] of Object.entries(candidate.cost)) {
        assert.ok(Math.abs(value / (long.cost[cost as keyof Budget] ?? 0) - 1) < 1e-9, `${name} ${cost}`);
      }
    }
  }
});

test('costs are told apart where a node reads many axes', () => {
  const parts = ['a', 'b', 'c', 'd', 'e'];
  const architecture = network([...parts.map((id) => conv(id, 'input', 64)), concat('joined', ...parts)]);
  // By the widest of the inputs, which all else that is counted of a concatenation does not tell.
  const kernelMs = ({ kind, inChannels }: Kernel): number => (kind === 'concat 5' ? inChannels : 0);
  const lattice = createWidthLattice(architecture, 8, 1);
  const table = createCostTable(architecture, lattice, { latency: { costs: { ...inference, kernelMs }, batch: 1 } });
  for (let width = 8; width <= 64; width += 8) {
    const setting = Int32Array.of(8, 8, 8, width, 72 - width);
    assert.is(table.costOf(setting).latencyMs, Math.max(width, 72 - width), setting.join());
  }
});

test('the search comes as far as brute force where both can be run', () => {
  const architecture = createArchitecture('vgg-11');
  const lattice = createWidthLattice(architecture, 128, 1);
  const table = createCostTable(architecture, lattice, costs);
  const objective = objectives.synexp(architecture, lattice);
  const toCandidate = (setting: Int32Array): Candidate => ({
    widths: toWidths(lattice, setting),
    objective: objective.valueOf(setting),
    cost: table.costOf(setting),
  });
  const searched = searchSettings({ lattice, objective, costs: table }).map(toCandidate);
  const all = enumerateSettings(lattice).map(toCandidate);
  assert.ok(searched.length < all.length);
  let equal = 0;
  const draws = 40;
  for (let draw = 0; draw < draws; draw++) {
    const { cost } = evaluate(architecture, readWidths(architecture));
    const budget = shareOf(cost, 0.3 + 0.017 * draw, ['latencyMs']);
    const [found, best] = [pickPlan({ candidates: searched }, budget), pickPlan({ candidates: all }, budget)];
    if (found.status !== 'fits' || best.status !== 'fits') {
      assert.is(found.status, best.status);
      equal++;
      continue;
    }
    if (best.chosen.objective - found.chosen.objective < 1e-9) equal++;
    assert.ok(best.chosen.objective - found.chosen.objective < 0.4, `${best.chosen.objective} against ${found.chosen.objective}`);
  }
  assert.ok(equal >= 0.75 * draws, `${equal} of ${draws} are the best`);
});

test('no uniform multiplier is better under the same budget', () => {
  for (const name of ['resnet-20', 'mobilenet-v2-x1.0-cifar']) {
    const architecture = createArchitecture(name);
    const front = findFront(architecture, costs);
    const rng = createRng(11).fork(name);
    for (let draw = 0; draw < 30; draw++) {
      const multiplier = 0.1 + 0.9 * rng.uniform();
      const uniform = evaluate(architecture, parseWidths(String(multiplier), architecture, { align: 8 }));
      const { latencyMs = 0, memoryBytes = 0 } = uniform.cost;
      const result = pickPlan(front, { latencyMs: latencyMs * (1 + 1e-12), memoryBytes: memoryBytes * (1 + 1e-12) });
      assert.is(result.status, 'fits');
      if (result.status === 'fits') assert.ok(result.chosen.objective >= uniform.objective - 1e-9);
    }
  }
});

test('a looser budget never gives a worse objective', () => {
  const front = findFront(createArchitecture('resnet-20'), costs);
  const rng = createRng(5);
  for (let draw = 0; draw < 200; draw++) {
    const tight = {
      latencyMs: (front.original.cost.latencyMs ?? 0) * rng.uniform(),
      params: (front.original.cost.params ?? 0) * rng.uniform(),
    };
    const loose = { latencyMs: tight.latencyMs * (1 + rng.uniform()), params: tight.params * (1 + rng.uniform()) };
    const [a, b] = [pickPlan(front, tight), pickPlan(front, loose)];
    if (a.status === 'infeasible') continue;
    assert.is(b.status, 'fits');
    if (b.status === 'fits') assert.ok(b.chosen.objective >= a.chosen.objective);
  }
});

test('the order in which an architecture lists its nodes changes nothing', () => {
  const architecture = createArchitecture('shufflenet-v2-x0.5-cifar');
  const permuted = { ...architecture, nodes: permute(architecture.nodes) };
  assert.not.equal(
    permuted.nodes.map(({ id }) => id),
    architecture.nodes.map(({ id }) => id),
  );
  const [a, b] = [findFront(architecture, costs), findFront(permuted, costs)];
  assert.equal(
    b.candidates.map(({ widths, cost }) => [[...widths], cost]),
    a.candidates.map(({ widths, cost }) => [[...widths], cost]),
  );
});

/** Another topological order: of the nodes that are ready, the last one first. */
function permute(nodes: Architecture['nodes']): Architecture['nodes'] {
  const waiting = [...nodes];
  const done = new Set(['input']);
  const ordered: Architecture['nodes'][number][] = [];
  while (waiting.length > 0) {
    const index = waiting.findLastIndex(({ inputs }) => inputs.every((id) => done.has(id)));
    const [next] = waiting.splice(index, 1);
    if (!next) break;
    done.add(next.id);
    ordered.push(next);
  }
  return ordered;
}

test('layers may grow where that is asked for', () => {
  const architecture = createArchitecture('resnet-20');
  const grown = findFront(architecture, costs, { growth: 2 });
  const original = readWidths(architecture);
  assert.ok(grown.candidates.some(({ widths }) => [...widths].some(([name, width]) => width > (original.get(name) ?? 0))));
  const budget = { macs: grown.original.cost.macs ?? 0 };
  const [wide, narrow] = [pickPlan(grown, budget), pickPlan(findFront(architecture, costs), budget)];
  if (wide.status !== 'fits' || narrow.status !== 'fits') throw new Error('the original itself fits');
  assert.ok(wide.chosen.objective >= narrow.chosen.objective);
  assert.throws(() => findFront(architecture, costs, { growth: 0.5 }), /from 1 \(not at all\) to 8/);
});

test('every objective keeps to the budget, and uniform widths are uniform', () => {
  const architecture = createArchitecture('mobilenet-v2-x0.5-cifar');
  const densities = new Map(toCropModel(architecture).layers.map(({ id }, index) => [id, index % 2 === 0 ? 0.4 : 0.8]));
  for (const objective of ['synexp', 'concave', 'uniform', { name: 'given', densities }] as const) {
    const front = findFront(architecture, costs, { objective });
    const budget = { latencyMs: 0.6 * (front.original.cost.latencyMs ?? 0), memoryBytes: front.original.cost.memoryBytes ?? 0 };
    const result = pickPlan(front, budget);
    assert.is(result.status, 'fits', String(front.objective));
    if (result.status !== 'fits') continue;
    assert.ok((result.chosen.cost.latencyMs ?? 0) <= budget.latencyMs);
    assert.ok(result.use > 0.85 && result.use <= 1, `${front.objective} uses ${result.use}`);
  }
});

test.run();
