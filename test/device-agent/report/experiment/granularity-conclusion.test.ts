import { toGranularityHeadline } from '@precrop/device-agent/report/experiment/granularity-conclusion';
import { test } from 'uvu';
import { is, match, not } from 'uvu/assert';
import { syntheticResult, syntheticResults } from '../../experiment/synthetic-results.js';
import { clearResults, syntheticGranularityReport } from './synthetic-granularity.js';

function textOf(results = clearResults): string {
  return syntheticGranularityReport(results).conclusion.join('\n');
}

test('a clear loss comes first, with its size and both intervals', () => {
  const report = syntheticGranularityReport();
  match(
    report.conclusion[0] ?? '',
    /^Cropping is [12]\.\d points less accurate than zeros in single weights, over 4 combinations of source and density \(95 % interval -\d\.\d\d to -\d\.\d\d counting 12 pairs; -\d\.\d\d to -\d\.\d\d counting its 3 seeds alone\)\.$/,
  );
  match(
    toGranularityHeadline(report.pooled),
    /^Crop [12]\.\d points below single weights; shuffled in each layer: no difference above \d\.\d points? found$/,
  );
});

test('a gain is told as one', () => {
  match(textOf(syntheticResults({ crop: 0.02 })), /^Cropping is [12]\.\d points more accurate/);
});

test('what was not found is never called equal, and says how large it may be', () => {
  const text = textOf();
  match(
    text,
    /Shuffling .* shows no difference that chance does not explain: .* No difference larger than \d\.\d points? was found; a smaller one may be there\./,
  );
  not.match(`${text} ${textOf(syntheticResults({}))}`, /\bequal\b|the same accuracy|as accurate/);
});

test('a difference by one way of counting alone is likely and not certain', () => {
  const results = syntheticResults({}).map((result) => {
    const shift = result.cell.realisation === 'crop' ? ([0.02, -0.01, 0.03][result.cell.seed] ?? 0) : 0;
    return syntheticResult(result.cell, result.accuracy + shift);
  });
  match(
    textOf(results),
    /Cropping is likely 1\.\d points more accurate .* One way of counting leaves zero inside, so this is not certain\./,
  );
});

test('one seed concludes nothing', () => {
  const report = syntheticGranularityReport(clearResults.filter(({ cell }) => cell.seed === 0));
  match(report.conclusion[0] ?? '', 'with one seed: whether that is chance, only more seeds can say.');
  is(toGranularityHeadline(report.pooled), 'One seed so far: nothing can be concluded yet');
  not.match(report.conclusion.join(' '), /interval -|is likely|(less|more) accurate/);
  is(report.verdict, 'noisy');
});

test('a second seed that is not whole is not counted alone', () => {
  const losing = syntheticResults({ crop: -0.1 });
  const text = textOf(losing.filter(({ cell: { seed, source } }) => seed < 2 && (seed === 0 || source === 'synflow')));
  match(text, /^Cropping is likely .* counting 6 pairs\). Too few seeds are whole to be counted alone, so this is not certain\./);
  not.match(text, 'counting its 1 seeds');
});

test('shuffled random masks are a check on chance and enter no claim', () => {
  const text = textOf();
  match(text, /A check on chance: masks of erk are drawn at random anyway/);
  match(text, /Shuffling .* over 2 combinations of source and density/);
  is([...text.matchAll(/^Shuffling/gm)].length, 1);
});

test('a crop that is smaller than its mask says so; crops that are one network say so', () => {
  match(textOf(), /"Crop" does not keep quite as much as the masks: 1\.00 times their weights and 0\.95 times their MACs/);
  not.match(textOf(), 'one and the same network');
  const twins = clearResults.map((result) => syntheticResult(result.cell, result.cell.realisation === 'crop' ? 0.7 : result.accuracy));
  match(
    textOf(twins),
    'one and the same network, trained once and counted as often as it stands here: synflow at 20 %, synflow at 10 %, erk at 20 %, erk at 10 %.',
  );
});

test('what is missing is named, with how much of it there is', () => {
  const report = syntheticGranularityReport(clearResults.slice(0, 20));
  match(report.reasons[0] ?? '', /^19 of 39 trainings are missing: .+ and 15 more\.$/);
  match(report.conclusion.at(-1) ?? '', '19 of 39 trainings are still missing');
  is(report.verdict, 'noisy');
  is(report.missing.length, 19);
});

test('nothing to compare is invalid; all of it is valid', () => {
  const report = syntheticGranularityReport(clearResults.filter(({ cell }) => cell.realisation === 'original'));
  is(report.verdict, 'invalid');
  match(report.conclusion[0] ?? '', 'nothing can be compared');
  is(toGranularityHeadline(report.pooled), 'Nothing to compare yet');
  is(syntheticGranularityReport().verdict, 'valid');
  is(syntheticGranularityReport([]).verdict, 'invalid');
});

test('the original’s accuracy and the recipe stand beside the claim', () => {
  match(
    textOf(),
    /The original \(resnet-20\) reaches \d\d\.\d % \(3 seeds, standard deviation 0\.\d points\); each training takes 2 epochs on all images of synthetic\./,
  );
});

test.run();
