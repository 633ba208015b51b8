import type { Backend, Outputs, Weights } from '@precrop/sdk/backends/backend';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { toEvaluation, toGradients } from '@precrop/sdk/program/training-step';
import { collectVariables } from '@precrop/sdk/program/variables';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { type GoldenNetwork, goldenNetworks, toArchitecture } from '../golden/networks/networks.js';
import { assertClose, norm } from './compare.js';
import { decode, readGolden } from './golden.js';
import { sample, toImages, toLabels, toVariable } from './network-values.js';

/** A network's numbers as an independent framework computed them; `test/golden/networks/make-golden.py` says how. */
interface NetworkNumbers {
  readonly batch: number;
  readonly labelSmoothing: number;
  readonly seed: number;
  readonly samples: number;
  /** Of batch norms whose offsets are not those of the formula. */
  readonly offsets: Readonly<Record<string, string>>;
  readonly loss: number;
  readonly logits: string;
  readonly inferredLogits: string;
  readonly gradients: Readonly<Record<string, { readonly norm: number; readonly samples: string }>>;
  readonly movingAverages: Readonly<Record<string, string>>;
}

/** What a backend computes of a network. */
interface NetworkResult {
  readonly inferred: Outputs;
  /** Of a step in training mode: `loss` and `gradient/NAME`. */
  readonly trained: Outputs;
  /** After that step. */
  readonly variables: Weights;
}

/** Relative to a gradient's norm, and never to less than this share of the whole network's: some gradients are zero but for rounding. */
const leastShare = 1e-3;
const goldenTolerance = 1e-3;
const betweenBackends = 1e-4;

/**
 * Registers tests of whole networks: each backend against golden numbers, and all backends against the first.
 * Every network runs once a backend.
 */
export function registerNetworkTests(test: Test, backends: readonly Backend[]): void {
  for (const network of goldenNetworks) {
    const golden = readNumbers(network);
    const results: { readonly name: string; readonly trained: Outputs }[] = [];
    for (const backend of backends) {
      test(`${backend.name}: ${network.name}, loss, logits and gradients against golden numbers`, async () => {
        const result = await runNetwork(backend, network, golden);
        results.push({ name: backend.name, trained: result.trained });
        checkAgainstGolden(network, golden, result);
      });
    }
    if (backends.length > 1) {
      test(`${backends.map(({ name }) => name).join(' and ')} agree on all gradients of ${network.name}`, () => {
        assert.is(results.length, backends.length, 'a backend failed before');
        for (const other of results.slice(1)) checkAgreement(results[0]?.trained ?? {}, other.trained);
      });
    }
  }
}

function readNumbers({ file }: GoldenNetwork): NetworkNumbers {
  return readGolden<NetworkNumbers>(`networks/${file}.golden.json`);
}

async function runNetwork(backend: Backend, network: GoldenNetwork, golden: NetworkNumbers): Promise<NetworkResult> {
  const architecture = toArchitecture(network);
  const programs = [toEvaluation(architecture), toGradients(architecture, { labelSmoothing: golden.labelSmoothing })];
  const executable = await backend.compile(programs);
  try {
    await executable.writeVariables(new Map(collectVariables(programs).map((variable) => [variable.name, toVariable(variable)])));
    await executable.writeVariables(new Map(Object.entries(golden.offsets).map(([name, values]) => [name, decode(values)])));
    const feeds = {
      images: toImages(golden.seed, golden.batch, architecture.input),
      labels: toLabels(golden.batch, architecture.classes),
    };
    const inferred = await executable.run('evaluate', feeds);
    const trained = await executable.run('gradients', feeds);
    return { inferred, trained, variables: await executable.readVariables() };
  } finally {
    executable.dispose();
  }
}

function checkAgainstGolden(network: GoldenNetwork, golden: NetworkNumbers, result: NetworkResult): void {
  const built = JSON.parse(JSON.stringify(toArchitecture(network))) as Architecture;
  const stored = readGolden<Architecture>(`networks/${network.file}.architecture.json`);
  assert.equal(
    built,
    stored,
    `${network.name} has changed since its golden numbers were made. Run the two scripts in test/golden/networks.`,
  );

  assertClose(result.inferred['logits'] ?? [], decode(golden.inferredLogits), 1e-4, 'logits in inference');
  assertClose(result.trained['loss'] ?? [], [golden.loss], 1e-5, 'loss');
  for (const [name, values] of Object.entries(golden.movingAverages)) {
    assertClose(sample(name, result.variables.get(name) ?? new Float32Array(), golden.samples), decode(values), 1e-4, name);
  }
  const gradients = Object.entries(golden.gradients);
  assert.equal(Object.keys(result.trained).sort(), ['loss', ...gradients.map(([name]) => `gradient/${name}`)].sort());
  const least = leastShare * norm(gradients.map(([, expected]) => expected.norm));
  for (const [name, expected] of gradients) {
    const gradient = result.trained[`gradient/${name}`] ?? new Float32Array();
    const size = Math.max(expected.norm, least);
    const samples = decode(expected.samples);
    // The norm that the samples would have, were all values alike.
    const sampledSize = size * Math.sqrt(samples.length / gradient.length);
    check(`norm of the gradient of ${name}`, Math.abs(norm(gradient) - expected.norm) / size, goldenTolerance);
    check(`gradient of ${name}`, distance(sample(name, gradient, golden.samples), samples) / sampledSize, goldenTolerance);
  }
}

function checkAgreement(one: Outputs, other: Outputs): void {
  assert.equal(Object.keys(one).sort(), Object.keys(other).sort());
  const least = leastShare * norm(Object.values(one).map(norm));
  for (const [name, values] of Object.entries(one)) {
    check(name, distance(values, other[name] ?? new Float32Array()) / Math.max(norm(values), least), betweenBackends);
  }
}

function check(what: string, difference: number, tolerance: number): void {
  assert.ok(difference <= tolerance, `${what} differs by ${difference.toExponential(2)}; allowed is ${tolerance}`);
}

function distance(a: Float32Array, b: Float32Array): number {
  return norm(a.map((value, index) => value - (b[index] ?? Number.NaN)));
}
