// @serial
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileLength, measureFiles } from '@precrop/device-agent/bench/measure-files';
import { benchSparse } from '@precrop/device-agent/bench/sparse';
import { chainShapes, createChain, nameChain } from '@precrop/device-agent/bench/sparse-chains';
import { denseRuntime, sparseRuntimes } from '@precrop/device-agent/bench/sparse-rows';
import { toSparseText } from '@precrop/device-agent/cli/show-sparse';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { selectBackend } from '@precrop/sdk/backends/registry';
import { createContext } from '@precrop/sdk/core/context';
import { createRng } from '@precrop/sdk/core/rng';
import { exportModel, importModel } from '@precrop/sdk/export/registry';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { loadModelFile } from '@precrop/sdk/runtimes/model-files';
import { countNonzeroMacs } from '@precrop/sdk/sparse/count-nonzero-macs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const length: FileLength = { leastRounds: 2, mostRounds: 2, budgetMs: 0, blockMs: 1, warmUpMs: 0, patienceMs: 20_000, mostCallMs: 20_000 };

let folder = '';
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'precrop-sparse-test-'));
});
test.after(() => rm(folder, { recursive: true, force: true }));

for (const shape of chainShapes) {
  test(`a chain of ${nameChain(shape)} has exactly its density of work left in every layer`, () => {
    const chain = createChain(shape, 0.1, createRng(0));
    const { macs, prunable } = countArchitecture(chain.architecture);
    const layers = [...chain.weights].filter(([name]) => name.endsWith('/kernel'));
    for (const [name, values] of layers) assert.is(values.filter((value) => value !== 0).length, Math.round(0.1 * values.length), name);
    near(countNonzeroMacs(chain) / macs, Math.round(0.1 * (prunable / layers.length)) / (prunable / layers.length), 1e-12);
  });
}

test('a row for each runtime, batch and number of threads; figures that can be checked; the network as it was timed', async () => {
  const architecture = createArchitecture('resnet-20-w4');
  const { backend } = await selectBackend();
  const exportPath = join(folder, 'masked.onnx');
  const asked = {
    architecture,
    density: 0.1,
    source: 'synflow',
    seed: 3,
    backend: backend.name,
    batches: [1, 3],
    threads: [1, 2],
    exportPath,
    length,
  };
  const document = await benchSparse(asked, createContext());
  jsonDocumentSchema.parse(JSON.parse(JSON.stringify(document)));
  const { results, summary } = document;

  const networks = results.filter((row) => row.kind === 'network');
  for (const batch of asked.batches) {
    for (const runtime of [denseRuntime, ...Object.values(sparseRuntimes)]) {
      const rows = networks.filter((row) => row.batch === batch && row.runtime === runtime);
      assert.equal(
        rows.map(({ threads }) => threads),
        [1, 2],
        `${runtime} at batch ${batch}: ${rows.flatMap(({ reasons }) => reasons)}`,
      );
      for (const row of rows) {
        assert.ok((row.maxRelativeDifference ?? 1) <= 1e-4, `${runtime}: ${row.reasons}`);
        near((row.gflops ?? 0) * (row.medianMs ?? 0) * 1e6, 2 * row.nonZeroMacs * batch, 1);
        assert.is(
          row.samplesMs.length,
          row.blockSizes.reduce((sum, size) => sum + size, 0),
        );
      }
    }
    const sparse = networks.filter((row) => row.batch === batch && row.runtime !== denseRuntime).map(({ medianMs }) => medianMs ?? 0);
    assert.is(summary[`fastestSparseMsAt${batch}`], Math.min(...sparse));
    assert.ok(Number(summary[`sparseSpeedupAt${batch}`]) > 0);
  }
  const tflite = networks.filter(({ runtime }) => runtime === sparseRuntimes.tflite);
  assert.ok(tflite.every(({ skipsZeros, note }) => !skipsZeros && note?.startsWith('TFLite multiplied by the zeros')));

  const layers = results.filter((row) => row.kind === 'layers' && row.runtime === sparseRuntimes.ours);
  assert.is(layers.length, 2 * chainShapes.length);
  const [one, two] = [1, 2].map((threads) => layers.filter((row) => row.kind === 'layers' && row.threads === threads));
  const timeOf = (rows: typeof layers = []): number =>
    rows.reduce((sum, row) => sum + (row.kind === 'layers' ? (row.medianMs ?? 0) : 0), 0);
  const work = (one ?? []).reduce((sum, row) => sum + (row.kind === 'layers' ? 2 * row.nonZeroMacs * row.batch : 0), 0);
  near(summary.medianGflopsPerThread ?? 0, work / timeOf(one) / 1e6, 1e-6);
  near(summary.medianTwoThreadScaling ?? 0, timeOf(one) / timeOf(two), 1e-9);
  assert.ok((summary.gflopsPerThread ?? 0) >= (summary.medianGflopsPerThread ?? 1));
  assert.ok(summary.mulAddGflopsPerThread > 0);

  const { weights } = await importModel(await loadModelFile(exportPath));
  const kernels = [...weights].filter(([name]) => name.endsWith('/kernel')).flatMap(([, values]) => [...values]);
  const kept = kernels.filter((value) => value !== 0).length;
  assert.is(kept, Math.round(0.1 * kernels.length));
  assert.is(summary.density, kept / kernels.length);

  const text = toSparseText(document, asked, 100);
  for (const part of [
    'Batch 3',
    'sparse-wasm',
    'left out',
    'multiplied by',
    'synflow chose the weights: 10.0 % stay',
    exportPath,
    'TFLite multiplied by the zeros',
  ])
    assert.ok(text.includes(part), `${part} is not in:\n${text}`);
  assert.ok(
    text.split('\n').every((line) => line.length <= 100 || line.includes(exportPath)),
    text,
  );
});

test('what gives other logits, or does not run, is left out with the reason', async () => {
  const paths = await Promise.all(
    [1, 2].map(async (seed) => {
      const chain = createChain({ channels: 4, size: 8 }, 0.5, createRng(seed));
      const path = join(folder, `chain-${seed}.onnx`);
      const [bytes = new Uint8Array()] = (await exportModel(chain, 'onnx')).files.values();
      await writeFile(path, bytes);
      return path;
    }),
  );
  const [path = '', other = ''] = paths;
  const contenders = [
    { runtime: denseRuntime, threads: 1, path },
    { runtime: sparseRuntimes.ours, threads: 1, path },
    { runtime: sparseRuntimes.ours, threads: 2, path: other },
    { runtime: sparseRuntimes.tflite, threads: 1, path: join(folder, 'none.tflite') },
  ];
  const [dense, ours, wrong, absent] = await measureFiles({ contenders, batch: 2, length, versions: {}, what: 'chain' }, createContext());
  assert.ok(dense && 'blocks' in dense && dense.blocks.flat().length > 0);
  assert.ok(ours && 'blocks' in ours && ours.maxRelativeDifference < 1e-4);
  assert.match(
    wrong && 'reason' in wrong ? wrong.reason : '',
    /^Its logits are wrong: one differs by \d.* from what onnxruntime\/cpu gives, where the largest is \d.*\.$/,
  );
  assert.match(absent && 'reason' in absent ? absent.reason : '', 'There is nothing at');
});

test('a batch below 1 is a sentence', async () => {
  const architecture = createArchitecture('resnet-20-w4');
  const asked = { architecture, density: 0.1, source: 'erk', seed: 0, backend: 'tfjs-eager-cpu', batches: [0], threads: [1] };
  const error = await benchSparse(asked, createContext()).catch((reason: unknown) => reason);
  assert.match((error as Error).message, 'The batch is 0, but must be a whole number of at least 1.');
});

test.run();
