import { drawAccuracyByEpoch } from '@precrop/device-agent/report/charts/accuracy-by-epoch';
import { drawAccuracyOverTime } from '@precrop/device-agent/report/charts/accuracy-over-time';
import { drawCostRatios } from '@precrop/device-agent/report/charts/cost-ratios';
import { drawGroupWidths } from '@precrop/device-agent/report/charts/group-widths';
import { drawLossOverEpochs } from '@precrop/device-agent/report/charts/loss-over-epochs';
import { drawStepSamples } from '@precrop/device-agent/report/charts/step-samples';
import { createReport } from '@precrop/device-agent/report/create-report';
import type { ComparisonReport } from '@precrop/device-agent/report/report';
import { test } from 'uvu';
import { is, match, not, ok } from 'uvu/assert';
import { matchesGoldenChart } from './golden.js';
import { cropTraits, originalTraits, syntheticConditions, syntheticContender, syntheticReport } from './synthetic-report.js';

const charts = {
  'accuracy-by-epoch': (report: ComparisonReport, width: number) => drawAccuracyByEpoch('resnet-20', report.results[1].epochs, width),
  'accuracy-over-time': drawAccuracyOverTime,
  'cost-ratios': drawCostRatios,
  'group-widths': drawGroupWidths,
  'loss-over-epochs': drawLossOverEpochs,
  'step-samples': drawStepSamples,
} as const;

const report = syntheticReport();
const [original, crop] = report.results;

for (const [name, draw] of Object.entries(charts)) {
  test(`${name} is the reviewed picture`, () => matchesGoldenChart(name, draw(report, 640)));

  test(`${name} is the same when drawn again`, () => is(draw(report, 480), draw(report, 480)));

  test(`${name} stands alone, says what it shows, and takes its colours from the page`, () => {
    const svg = draw(report, 480);
    match(svg, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    match(svg, /role="img"/);
    match(svg, /aria-label="[^"]{40,}"/);
    match(svg, 'var(--crop');
    not.match(svg, /NaN|undefined|Infinity|⚠/);
    not.match(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|href|url\(/);
  });

  test(`${name} keeps the width it is given`, () => {
    for (const width of [340, 860]) match(draw(report, width), `viewBox="0 0 ${width} `);
  });

  test(`${name} draws one epoch and one group`, () => {
    const group = { group: 'only', width: 8, originalWidth: 16 };
    const [short, shortCrop] = [syntheticContender('original', originalTraits, 1), syntheticContender('crop', cropTraits, 1)];
    const svg = draw(createReport(syntheticConditions, { ...short, widths: [group] }, { ...shortCrop, widths: [group] }), 480);
    not.match(svg, /NaN|undefined|Infinity/);
  });
}

test('accuracy-over-time has a dot an epoch, of both contenders, and the gap at equal time', () => {
  const svg = drawAccuracyOverTime(report, 640);
  is(count(svg, /<circle /g), original.epochs.length + crop.epochs.length);
  match(svg, 'points ahead at equal time');
});

test('accuracy-over-time tells of a crop that is behind', () => {
  match(drawAccuracyOverTime(syntheticReport({ finalAccuracy: 0.4 }), 640), 'points behind at equal time');
});

test('accuracy-over-time counts minutes where seconds grow long', () => {
  match(drawAccuracyOverTime(report, 640), 'Training time, seconds');
  match(drawAccuracyOverTime(syntheticReport({}, { stepMs: 900 }), 640), 'Training time, minutes');
});

test('group-widths has two bars a group, in proportion to the channels', () => {
  const svg = drawGroupWidths(report, 640);
  const bars = [...svg.matchAll(/<rect [^>]*/g)].map(([tag]) => Number(/ width="([\d.]+)"/.exec(tag)?.[1]));
  is(bars.length, 2 * crop.widths.length);
  const channels = [...crop.widths.map((each) => each.originalWidth), ...crop.widths.map((each) => each.width)];
  const scale = (bars[0] ?? 0) / (channels[0] ?? 1);
  ok(channels.every((each, index) => Math.abs((bars[index] ?? 0) - each * scale) < 0.1));
});

test('cost-ratios has the original and the crop of each cost, in proportion to the ratio', () => {
  const svg = drawCostRatios(report, 640);
  const bars = [...svg.matchAll(/<rect [^>]*/g)].map(([tag]) => Number(/ width="([\d.]+)"/.exec(tag)?.[1]));
  is(bars.length, 2 * 6);
  ok(Math.abs((bars[6] ?? 0) / (bars[0] ?? 1) - report.summary.paramsRatio) < 0.01);
});

test('cost-ratios names a worse cost by colour and number, a noisy one by word, and draws no bar without a valid timing', () => {
  const noisy = { ...crop, trainStep: { ...crop.trainStep, verdict: 'noisy', reasons: ['restless'] } } as const;
  const worse = { ...crop, peakRssBytes: { ...crop.peakRssBytes, value: 2 * original.peakRssBytes.value } };
  const invalid = { ...crop, trainStep: { ...crop.trainStep, verdict: 'invalid', reasons: ['stopped'] } } as const;
  match(drawCostRatios(createReport(syntheticConditions, original, noisy), 640), /40 % \(noisy\)/);
  const svg = drawCostRatios(createReport(syntheticConditions, original, worse), 640);
  match(svg, 'var(--worse');
  match(svg, '200 %');
  not.match(drawCostRatios(report, 640), 'var(--worse');
  const without = drawCostRatios(createReport(syntheticConditions, original, invalid), 640);
  match(without, 'no valid timing');
  is(count(without, /<rect /g), 2 * 6 - 1);
});

test('step-samples has a tick a sample and a mark for the bound', () => {
  const svg = drawStepSamples(report, 640);
  ok(count(svg, /<line /g) >= original.trainStep.samples.length + crop.trainStep.samples.length);
  const { trainStepBoundMs: _, ...unbound } = crop;
  const { trainStepBoundMs: __, ...unboundOriginal } = original;
  const without = drawStepSamples(createReport(syntheticConditions, unboundOriginal, unbound), 640);
  match(svg, 'by its MACs');
  not.match(without, 'by its MACs');
});

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

test.run();
