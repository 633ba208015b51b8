import {
  type BatchMeasured,
  createInferenceDocument,
  type InferenceDocument,
  layersName,
  type RuntimeMeasured,
} from '@precrop/device-agent/bench/inference-document';
import { peakMacs } from '@precrop/device-agent/bench/peak-program';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

/** SYNTHETIC: every time here is made up. */
const rng = createRng(3);
const architecture = createArchitecture('resnet-20');

function timed(runtime: string, ms: number, { batch = 1, threads = 2, spread = 0.01 } = {}): RuntimeMeasured {
  const blocks = Array.from({ length: 5 }, () => Array.from({ length: 4 }, () => ms * (1 + spread * rng.normal())));
  return { runtime, threads, batch, blocks };
}

function measuredAt(batch: number, contenders: BatchMeasured['contenders'], peakMs: number | undefined = 40): BatchMeasured {
  const peaks = peakMs === undefined ? [] : [[2, [[peakMs, peakMs]]] as const];
  return { batch, contenders, peaks: new Map(peaks) };
}

function documentOf(...batches: BatchMeasured[]): InferenceDocument {
  return createInferenceDocument({
    architecture,
    runtimes: ['onnxruntime/cpu', 'tflite'],
    threads: [1, 2],
    batches,
    host: {
      device: 'a CPU',
      cpu: 'a CPU',
      cores: 2,
      physicalCores: 2,
      memoryBytes: 8e9,
      os: 'an OS',
      power: 'mains',
      versions: { node: '20.0.0' },
    },
    versions: { 'onnx-runtime': '1.30.0' },
    startedAt: new Date(0),
    clockResolutionMs: 1e-4,
  });
}

const one = measuredAt(1, [timed('onnxruntime/cpu', 0.5), timed('tflite', 1), timed(layersName, 10)]);
const eight = measuredAt(8, [timed('tflite', 2, { batch: 8 }), timed(layersName, 20, { batch: 8 })]);

test('the document has the frame, the named figures, and a row a contender with its raw samples', () => {
  const document = documentOf(one, eight);
  jsonDocumentSchema.parse(JSON.parse(JSON.stringify(document)));
  assert.is(document.command, 'bench inference');
  assert.is(document.verdict, 'valid', document.reasons.join());
  assert.equal(Object.keys(document.summary), ['fastestRuntime', 'fastestMs', 'speedupOverTfjsLayers']);
  assert.equal(
    document.results.map(({ runtime, batch, samplesMs }) => [runtime, batch, samplesMs.length]),
    [
      ['onnxruntime/cpu', 1, 20],
      ['tflite', 1, 20],
      [layersName, 1, 20],
      ['tflite', 8, 20],
      [layersName, 8, 20],
    ],
  );
});

test('the summary is that of the batch that was asked for first', () => {
  const forth = documentOf(one, eight);
  assert.is(forth.summary.fastestRuntime, 'onnxruntime/cpu');
  assert.is(forth.summary.fastestMs, forth.results[0]?.medianMs);
  near(forth.summary.speedupOverTfjsLayers ?? 0, 20, 0.5);
  assert.is(forth.conditions.batch, 1);
  const back = documentOf(eight, one);
  assert.is(back.summary.fastestRuntime, 'tflite');
  assert.is(back.conditions.batch, 8);
});

test('tfjs-layers is never the fastest, and is compared at its own best number of threads', () => {
  const quick = [timed(layersName, 4, { threads: 1 }), timed(layersName, 6, { threads: 2 })];
  const { summary } = documentOf(measuredAt(1, [timed('onnxruntime/cpu', 8), ...quick]));
  assert.is(summary.fastestRuntime, 'onnxruntime/cpu');
  near(summary.speedupOverTfjsLayers ?? 0, 0.5, 0.02);
});

test('a machine twice as fast changes no ratio', () => {
  const halve = ({ contenders, peaks, batch }: BatchMeasured): BatchMeasured => ({
    batch,
    contenders: contenders.map((each) =>
      'blocks' in each ? { ...each, blocks: each.blocks.map((block) => block.map((ms) => ms / 2)) } : each,
    ),
    peaks: new Map([...peaks].map(([threads, blocks]) => [threads, blocks.map((block) => block.map((ms) => ms / 2))])),
  });
  const [slow, fast] = [documentOf(one).results, documentOf(halve(one)).results];
  for (const [index, row] of slow.entries()) {
    near(fast[index]?.timesBound ?? 0, row.timesBound ?? 0, 1e-9);
    near(fast[index]?.speedupOverTfjsLayers ?? 0, row.speedupOverTfjsLayers ?? 0, 1e-9);
    near(fast[index]?.imagesPerSecond ?? 0, 2 * (row.imagesPerSecond ?? 0), 1e-6);
  }
});

test('the bound is the time of the MACs at the rate of the matrix products on as many threads; without those there is none', () => {
  const { macs } = countArchitecture(architecture);
  const [row] = documentOf(eight).results;
  near(row?.boundMs ?? 0, (8 * macs * 40) / peakMacs, 1e-9);
  near(row?.timesBound ?? 0, (row?.medianMs ?? 0) / (row?.boundMs ?? 1), 1e-12);
  const single = timed('tflite', 1, { threads: 1 });
  for (const batch of [measuredAt(1, [single]), { ...one, peaks: new Map() }]) {
    const [unbound] = documentOf(batch).results;
    assert.is(unbound?.boundMs, null);
    assert.is(unbound?.timesBound, null);
  }
});

test('what was left out is a row with its reason and no number, and spoils no verdict', () => {
  const reason = 'A call takes 9.00 s: more than the 2.00 s that a call may take.';
  const document = documentOf({ ...one, contenders: [...one.contenders, { runtime: 'tfjs/cpu', threads: 1, batch: 1, reason }] });
  const row = document.results.at(-1);
  assert.is(row?.runtime, 'tfjs/cpu');
  assert.equal(row?.reasons, [reason]);
  assert.is(row?.verdict, 'invalid');
  assert.is(row?.medianMs, null);
  assert.is(document.verdict, 'valid');
  jsonDocumentSchema.parse(JSON.parse(JSON.stringify(document)));
});

test('a batch at which nothing ran makes the document invalid, and says so', () => {
  const document = documentOf(one, measuredAt(128, [{ runtime: 'tflite', threads: 2, batch: 128, reason: 'Too slow.' }]));
  assert.is(document.verdict, 'invalid');
  assert.match(document.reasons.join(), 'Nothing could be timed at batch 128.');
  const nothing = documentOf(measuredAt(1, []));
  assert.equal(nothing.summary, { fastestRuntime: null, fastestMs: null, speedupOverTfjsLayers: null });
  assert.is(nothing.conditions.runtimeUsed, 'none');
});

test('without tfjs-layers there is no speed-up', () => {
  const { summary } = documentOf(measuredAt(1, [timed('tflite', 1)]));
  assert.is(summary.fastestRuntime, 'tflite');
  assert.is(summary.speedupOverTfjsLayers, null);
});

test('a noisy fastest or reference makes the document noisy and is named; another row does not', () => {
  const noisy = (index: number): InferenceDocument =>
    documentOf({ ...one, contenders: one.contenders.map((each, at) => (at === index ? timed(each.runtime, 5, { spread: 0.12 }) : each)) });
  assert.is(noisy(2).verdict, 'noisy');
  assert.match(noisy(2).reasons.join(), /tfjs-layers, 2 threads, batch 1: /);
  assert.is(noisy(1).verdict, 'valid');
});

test('an invalid time is the fastest only where there is no other', () => {
  const wild = { ...timed('onnxruntime/cpu', 0.5), blocks: Array.from({ length: 5 }, () => [0.1, 0.9, 0.1, 0.9]) };
  assert.is(documentOf(measuredAt(1, [wild, timed('tflite', 1)])).summary.fastestRuntime, 'tflite');
  const alone = documentOf(measuredAt(1, [wild]));
  assert.is(alone.summary.fastestRuntime, 'onnxruntime/cpu');
  assert.is(alone.verdict, 'invalid');
});

test.run();
