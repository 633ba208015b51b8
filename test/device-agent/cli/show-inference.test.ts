import type { InferenceDocument, InferenceRow } from '@precrop/device-agent/bench/inference-document';
import { toInferenceText } from '@precrop/device-agent/cli/show-inference';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** SYNTHETIC: every number here is made up. */
function row(runtime: string, batch: number, medianMs: number, more: Partial<InferenceRow> = {}): InferenceRow {
  return {
    runtime,
    threads: 2,
    batch,
    medianMs,
    p5Ms: medianMs,
    p95Ms: 1.1 * medianMs,
    imagesPerSecond: (1000 * batch) / medianMs,
    boundMs: 0.2 * batch,
    timesBound: medianMs / 0.2 / batch,
    speedupOverTfjsLayers: 10 / medianMs,
    samplesMs: [medianMs],
    blockSizes: [1],
    verdict: 'valid',
    reasons: [],
    ...more,
  };
}

const leftOut = (runtime: string, batch: number, reason: string): InferenceRow =>
  row(runtime, batch, 1, { medianMs: null, p95Ms: null, imagesPerSecond: null, timesBound: null, verdict: 'invalid', reasons: [reason] });

function textOf(results: readonly InferenceRow[], width = Number.POSITIVE_INFINITY, more: Partial<InferenceDocument> = {}): string {
  const conditions = { device: 'a CPU', runtime: 'all', runtimeUsed: 'x', power: 'mains', versions: {}, startedAt: '' };
  const summary = { fastestRuntime: null, fastestMs: null, speedupOverTfjsLayers: null };
  return toInferenceText(
    { schemaVersion: 1, command: 'bench inference', conditions, summary, results, verdict: 'valid', reasons: [], ...more },
    width,
  );
}

const rows = [row('tflite', 1, 2), row('onnxruntime/cpu', 1, 0.5), row('tfjs-layers', 1, 10), row('tflite', 8, 4)];

test('a table a batch, the fastest first and marked', () => {
  const lines = textOf(rows).split('\n');
  const [, , , first = '', second = ''] = lines;
  assert.is(lines[0], 'Batch 1');
  assert.match(first, /^▸ +onnxruntime\/cpu +2 +0\.500 ms +0\.550 ms +2,000 +2\.5x +20\.0x +█{16}$/);
  assert.match(second, /^ +tflite .* █{4}$/);
  assert.ok(lines.includes('Batch 8'));
});

test('who is fastest at each batch is told in words', () => {
  assert.match(textOf(rows), 'Batch 1: fastest is onnxruntime/cpu on 2 threads, 0.500 ms, 20x as fast as tfjs-layers, 2.5x the bound.');
  assert.match(textOf(rows), 'Batch 8: fastest is tflite on 2 threads');
});

test('what cannot be used here is told once, what is too slow with its batch', () => {
  const text = textOf([
    ...rows,
    leftOut('tfjs/webgpu', 1, 'It is absent: no adapter.'),
    leftOut('tfjs/webgpu', 8, 'It is absent: no adapter.'),
    row('tfjs/cpu', 1, 300),
    leftOut('tfjs/cpu', 8, 'Too slow.'),
  ]);
  assert.is(text.split('tfjs/webgpu: It is absent: no adapter.').length, 2);
  assert.match(text, '\nNot measured:\n  ');
  assert.match(text, 'tfjs/cpu, batch 8, 2 threads: Too slow.');
});

test('noise is marked and explained', () => {
  const text = textOf([row('tflite', 1, 2, { verdict: 'noisy' })], 200, { verdict: 'noisy', reasons: ['tflite: restless.'] });
  assert.match(text, 'tflite ~');
  assert.match(text, 'The numbers are noisy:\n  tflite: restless.');
});

test('a batch at which nothing ran has no table, and without tfjs-layers nothing is said of it', () => {
  assert.match(textOf([leftOut('tflite', 1, 'Broken.')]), 'Batch 1\nNothing could be measured.');
  assert.not.match(textOf([row('tflite', 1, 2, { speedupOverTfjsLayers: null })]), 'as fast as');
});

test('a narrow terminal wraps the words', () => {
  const words = textOf(rows, 60)
    .split('\n')
    .filter((line) => !/^[▸ -]|^Batch \d+$/.test(line));
  assert.ok(
    words.every((line) => line.length <= 60),
    words.join('\n'),
  );
});

test.run();
