import { toHeadline } from '@precrop/device-agent/report/conclusion';
import { createReport } from '@precrop/device-agent/report/create-report';
import type { ComparisonReport, Contender } from '@precrop/device-agent/report/report';
import { accuracyResolution } from '@precrop/device-agent/report/summary';
import { toTextTable } from '@precrop/device-agent/report/table';
import { test } from 'uvu';
import { is, match, not, ok } from 'uvu/assert';
import { cropTraits, originalTraits, syntheticConditions, syntheticContender, syntheticReport } from './synthetic-report.js';

const [original, crop] = syntheticReport().results;

test('a loss of accuracy is told with its size, beside the speed', () => {
  const report = syntheticReport();
  match(text(report), /^The crop trains 2\.5x faster a step and loses 4\.4 points of accuracy at equal epochs \(77\.6 % to 73\.3 %\)\./);
  is(toHeadline(report), 'Trains 2.5x faster a step, 4.4 points less accurate');
});

test('a gain is told', () => {
  const report = syntheticReport({ finalAccuracy: 0.85 });
  match(text(report), 'gains 7.4 points of accuracy at equal epochs');
  match(toHeadline(report), '7.4 points more accurate');
});

test('a difference within chance is not called won or lost', () => {
  const report = syntheticReport({ finalAccuracy: 0.77 });
  match(text(report), 'shows no change in accuracy beyond chance at equal epochs (77.6 % and 77.0 %)');
  match(toHeadline(report), 'no measurable change in accuracy');
});

test('a slower crop is called slower, an equal one no faster, in every figure', () => {
  match(
    text(syntheticReport({ stepMs: 410, inferenceMs: [0.82, 20] })),
    /trains 2\.0x slower a step.*infers 2\.0x slower at batch 1 and 2\.3x faster at batch 128/s,
  );
  match(text(syntheticReport({ stepMs: 204 })), 'trains no faster a step (');
  match(text(syntheticReport({ stepMs: 410 })), "but the step's time rose 2.0x");
  match(text(syntheticReport({ peakBytes: 2_168_000_000 })), 'peaks at 200 % of the memory');
});

test('at equal time: ahead with the caveat, behind, or level', () => {
  match(
    text(syntheticReport()),
    /At equal training time \(1 min 17 s\) the crop is 18\.\d points ahead: .* The original's learning rate had not come down by then, which flatters the crop\./,
  );
  match(text(syntheticReport({ finalAccuracy: 0.4 })), /At equal training time \(.*\) the crop is [\d.]+ points behind/);
  const twin = createReport(syntheticConditions, original, { ...original, name: 'crop' });
  match(text(twin), "the two stand level: 77.6 % against the original's 77.6 %");
  not.match(text(twin), 'flatters');
});

test('an original whose first epoch outlasts the crop has no accuracy at that time', () => {
  const report = syntheticReport({}, { stepMs: 5000 });
  is(report.summary.originalAccuracyAtEqualTime, null);
  is(report.summary.accuracyDifferenceAtEqualTime, null);
  match(text(report), 'the original had not finished its first epoch');
});

test('no speed-up is claimed from an invalid timing, and a noisy one sends to its reasons', () => {
  const invalid = withStep(crop, 'invalid', 'the clock jumped');
  const report = createReport(syntheticConditions, original, invalid);
  is(report.verdict, 'invalid');
  not.match(`${text(report)} ${toHeadline(report)}`, /(faster|slower) a step|MACs fell/);
  match(text(report), 'no valid timing, so no speed-up is claimed; the crop loses 4.4 points');
  const noisy = createReport(syntheticConditions, withStep(original, 'noisy', 'another program ran'), crop);
  is(noisy.verdict, 'noisy');
  match(text(noisy), /Training step \(tensorflow-graph, 2 threads, batch 128\) is noisy: the reasons stand with the numbers\./);
});

test('a step that won less than its MACs fell says so, with the distance to the bound', () => {
  match(text(syntheticReport()), /The MACs fell 3\.9x and the step's time 2\.5x: it takes 2\.1x the time its MACs need/);
  not.match(text(syntheticReport({ stepMs: 50 })), 'The MACs fell');
});

test('inference is compared in the runtime where the original is fastest', () => {
  const slow = { runtime: 'another runtime', median: 4, p5: 4, p95: 4, samples: [4] };
  const [one] = original.inference;
  if (one === undefined) throw new Error('the synthetic original has no inference');
  const withSlow = (contender: Contender, median: number): Contender => ({
    ...contender,
    inference: [{ ...one, ...slow, median }, ...contender.inference],
  });
  const report = createReport(syntheticConditions, withSlow(original, 4), withSlow(crop, 0.001));
  is(report.summary.inferenceBatch1Speedup, syntheticReport().summary.inferenceBatch1Speedup);
});

test('where original and crop are fastest in different runtimes, each stands in its own, and both are named', () => {
  const elsewhere = crop.inference.map((each) => ({ ...each, runtime: 'tflite', threads: 1 }));
  const report = createReport(syntheticConditions, original, { ...crop, inference: elsewhere });
  is(report.summary.inferenceBatch1Speedup, syntheticReport().summary.inferenceBatch1Speedup);
  match(text(report), 'batch 128 (onnxruntime against tflite)');
  match(toTextTable(report), 'Inference, batch 1 and 128: original on onnxruntime, 2 threads, crop on tflite, 1 thread.');
});

test('equal runtimes are compared, even where another is faster for one', () => {
  const [one] = crop.inference;
  if (one === undefined) throw new Error('the synthetic crop has no inference');
  const report = createReport(syntheticConditions, original, {
    ...crop,
    inference: [{ ...one, runtime: 'tflite', median: 0.001 }, ...crop.inference],
  });
  is(report.summary.inferenceBatch1Speedup, syntheticReport().summary.inferenceBatch1Speedup);
});

test('a batch that only one contender ran is not compared', () => {
  const report = createReport(syntheticConditions, original, { ...crop, inference: crop.inference.slice(0, 1) });
  is(report.summary.inferenceBatch128Speedup, null);
  not.match(text(report), 'batch 128 (onnxruntime)');
});

test('a contender against itself has won and lost nothing', () => {
  const { summary } = createReport(syntheticConditions, original, { ...original, name: 'crop' });
  for (const name of ['paramsRatio', 'macsRatio', 'trainStepSpeedup', 'peakRssRatio', 'inferenceBatch1Speedup'] as const)
    is(summary[name], 1);
  is(summary.accuracyDifference, 0);
  is(summary.accuracyDifferenceAtEqualTime, 0);
});

test('exchanging the contenders inverts every ratio and turns every difference', () => {
  const there = createReport(syntheticConditions, original, crop).summary;
  const back = createReport(syntheticConditions, { ...crop, name: 'original' }, { ...original, name: 'crop' }).summary;
  ok(Math.abs(there.trainStepSpeedup * back.trainStepSpeedup - 1) < 1e-9);
  ok(Math.abs(there.paramsRatio * back.paramsRatio - 1) < 1e-9);
  is(there.accuracyDifference, -back.accuracyDifference);
  is(there.accuracyDifferenceAtEqualTime, -(back.accuracyDifferenceAtEqualTime ?? 0));
  is(there.equalTimeSeconds, back.equalTimeSeconds);
});

test('more test images tell smaller differences apart: four times as many halve it', () => {
  for (const [a, b] of [
    [0.9, 0.88],
    [0.5, 0.7],
    [0.1, 0.2],
  ] as const) {
    ok(Math.abs(accuracyResolution(a, b, 1000) / accuracyResolution(a, b, 4000) - 2) < 1e-9);
  }
});

test('contenders of unequal epochs are not called equal', () => {
  const report = createReport(
    syntheticConditions,
    syntheticContender('original', originalTraits, 12),
    syntheticContender('crop', cropTraits, 9),
  );
  match(text(report), "after 9 epochs against the original's 12");
});

function text(report: ComparisonReport): string {
  return report.conclusion.join('\n');
}

function withStep(contender: Contender, verdict: 'noisy' | 'invalid', reason: string): Contender {
  return { ...contender, trainStep: { ...contender.trainStep, verdict, reasons: [reason] } };
}

test.run();
