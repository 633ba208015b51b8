import { createComparison } from '@precrop/device-agent/report/compare/create-comparison';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { syntheticCompared, syntheticComparison, type Traits } from './synthetic-comparison.js';

const words = (change: Partial<Traits> = {}): string => syntheticComparison(change).conclusion.join('\n');
const headline = (change: Partial<Traits> = {}): string => syntheticComparison(change).headline;

const fastSparse = { synflow: { times: [0.1, 0.5, 8] }, erk: { times: [0.12, 0.6, 9] } } satisfies Partial<Traits>;

test('a crop that wins against every sparse network is said to, with the one that comes nearest', () => {
  assert.is(headline(), 'At equal parameters the synexp crop beats every sparse network');
  assert.match(
    words(),
    /^At equal parameters \(27\.3 k of the parameters are left, 28\.7 k of erk sparse\) the synexp crop won at batch 1, 8 and 128: it is 1\.6x, 1\.5x and 1\.2x faster than erk sparse \(sparse-wasm\)/,
  );
});

test('cropping did not win: the sparse engine is faster at equal accuracy', () => {
  assert.is(headline(fastSparse), 'At equal parameters the synexp crop did not win here');
  assert.match(
    words(fastSparse),
    /the synexp crop did not win at batch 1, 8 and 128, because synflow sparse \(sparse-wasm\) is 2\.1x and 2\.2x faster \(0\.100 ms against 0\.211 ms, .*\) and is not measurably less accurate \(85\.1 % against 85\.1 %\)/,
  );
});

test('cropping did not win: a sparse network is as fast and more accurate', () => {
  const change = { synflow: { times: [0.21, 1.1, 17.5], accuracies: [0.88, 0.881, 0.879] } } satisfies Partial<Traits>;
  assert.match(
    words(change),
    /did not win at batch .*, because synflow sparse \(sparse-wasm\) does not measurably differ in time .* and is 2\.\d points more accurate \(88\.0 % against 85\.1 %\)/,
  );
});

test('a trade is called one, each way round', () => {
  const accurate = { accuracies: [0.89, 0.891, 0.892] };
  const change = { synflow: accurate, erk: accurate } satisfies Partial<Traits>;
  assert.match(
    words(change),
    /did not win outright at batch 1, 8 and 128, because it is 1\.6x, 1\.5x and 1\.2x faster than erk sparse .* but 4\.0 points less accurate \(85\.1 % against 89\.1 %\)/,
  );
  assert.is(headline(change), 'At equal parameters the synexp crop did not win outright here');
  assert.match(
    words({ ...fastSparse, cropParams: { accuracies: [0.9, 0.901, 0.902] } }),
    /did not win outright at batch 1, 8 and 128, because it is 5\.0 points more accurate than synflow sparse \(.*\) \(90\.1 % against 85\.1 %\) but 2\.1x and 2\.2x slower/,
  );
});

test('no difference is never called equal: it is none beyond noise', () => {
  const twin = { times: [0.21, 1.1, 17.5], accuracies: [0.851, 0.848, 0.855] } as const;
  assert.match(words({ synflow: twin, erk: twin }), 'differ by no more than noise, in time (');
});

test('batches with other outcomes have clauses of their own, and the headline names those that were won', () => {
  const change = { synflow: { times: [0.1, 1.9, 24] } } satisfies Partial<Traits>;
  assert.match(words(change), /did not win at batch 1, because synflow sparse .*; it won at batch 8 and 128: it is/);
  assert.is(headline(change), 'At equal parameters the synexp crop wins at batch 8 and 128 alone');
});

test('equal parameters and equal MACs are separate sentences, each with its counts', () => {
  const { conclusion } = syntheticComparison();
  assert.is(conclusion.filter((each) => each.startsWith('At equal parameters (')).length, 1);
  assert.match(conclusion[1] ?? '', /^At equal MACs \(11\.3 M MACs are left, 11\.4 M of synflow sparse\)/);
});

test('at equal MACs only networks with about as many MACs are rivals, and their absence is told', () => {
  assert.not.match(syntheticComparison().conclusion[1] ?? '', 'erk');
  assert.match(
    words({ synflow: { macs: 20_000_000 } }),
    'Of the synexp crop, equal MACs nothing is said: no sparse network that was asked for has about as many MACs.',
  );
});

test('one seed is said to be one, and how far the test images can tell', () => {
  assert.match(words(), '3 seeds: accuracies whose ranges over the seeds overlap are not called different');
  const single = {
    original: { accuracies: [0.9] },
    cropParams: { accuracies: [0.85] },
    cropMacs: { accuracies: [0.86] },
    synflow: { accuracies: [0.85] },
    erk: { accuracies: [0.83] },
  };
  assert.match(words(single), /One seed \(0\): how far accuracies scatter .* is not known here.*10,000 test images cannot tell/);
});

test('the original, the zeros alone and training are told of', () => {
  assert.match(
    words(),
    /Against the original the synexp crop, equal parameters, with 10 % of the parameters and 30 % of the MACs, is 1\.9x, 2\.6x and 2\.6x faster at batch 1, 8 and 128, and 5\.0 points less accurate/,
  );
  assert.match(
    words({ cropParams: { times: [0.82, 1.1, 46] } }),
    /is 2\.0x slower, 2\.6x faster and no faster \([\d.]+x\) at batch 1, 8 and 128/,
  );
  assert.match(
    words(),
    'Zeros without cropping: the fastest sparse network is 1.2x faster at batch 1 (erk sparse in sparse-wasm, 0.332 ms against 0.410 ms)',
  );
  assert.match(
    words(),
    /the step of the synexp crop, equal parameters is 2\.5x faster than .*; that of a masked network, .* is as fast as the original's/,
  );
});

test('doubts are told: times that are noisy or invalid, a machine that was not steady, a crop that could not be built', () => {
  const compared = syntheticCompared();
  const spoil = (verdict: 'noisy' | 'invalid') =>
    createComparison({
      ...compared,
      steadiness: { ...compared.steadiness, verdict: 'noisy', reasons: ['It was busy.'] },
      leftOut: [{ id: 'crop-erk-params', reason: 'A budget of 1 % cannot be met.' }],
      results: compared.results.map((each) => ({
        ...each,
        inference: each.inference.map((time) =>
          each.id === 'sparse-erk' && time.batch === 8 ? { ...time, verdict, reasons: ['The clock jumped.'] } : time,
        ),
      })),
    });
  const noisy = spoil('noisy');
  assert.is(noisy.verdict, 'noisy');
  assert.equal(noisy.reasons, ['Before the timing: It was busy.', 'sparse-erk, sparse-wasm, batch 8: The clock jumped.']);
  assert.match(noisy.conclusion.join('\n'), 'Times are noisy at batch 8 of erk sparse');
  assert.match(noisy.conclusion.join('\n'), 'The machine was not steady when timing began');
  assert.match(noisy.conclusion.join('\n'), 'crop-erk-params is missing: A budget of 1 % cannot be met.');
  assert.is(spoil('invalid').verdict, 'invalid');
  assert.match(spoil('invalid').conclusion.join('\n'), 'Times are invalid at batch 8 of erk sparse: they are not compared.');
});

test('no win is claimed at a batch where a rival has no valid time', () => {
  const compared = syntheticCompared();
  const without = (batches: readonly number[]) =>
    createComparison({
      ...compared,
      results: compared.results.map((each) => ({
        ...each,
        inference: each.inference.filter(({ batch }) => each.id !== 'sparse-erk' || !batches.includes(batch)),
      })),
    });
  const some = without([8]);
  assert.is(
    some.headline,
    'At equal parameters the synexp crop beats every sparse network at batch 1 and 128, with no valid timing elsewhere',
  );
  assert.match(some.conclusion[0] ?? '', 'cannot be judged at batch 8, where it or erk sparse has no valid timing');
  assert.match(without([1, 8, 128]).headline, 'No valid timing');
});

test('the summary is of the first batch, the first crop at equal parameters and the fastest sparse network', () => {
  const report = syntheticComparison();
  const { summary, results } = report;
  const timeOf = (id: string) => results.find((each) => each.id === id)?.inference.find(({ batch }) => batch === 1)?.median ?? Number.NaN;
  assert.is(summary.batch, 1);
  assert.is(summary.crop, 'crop-synexp-params');
  assert.is(summary.sparse, 'sparse-erk');
  assert.is(summary.sparseRuntime, 'sparse-wasm');
  assert.is(summary.speedupOverOriginal, timeOf('original') / timeOf('crop-synexp-params'));
  assert.is(summary.speedupOverSparse, timeOf('sparse-erk') / timeOf('crop-synexp-params'));
  assert.ok(Math.abs((summary.cropAccuracy ?? 0) - (0.851 + 0.848 + 0.855) / 3) < 1e-12);
  const { results: all, ...rest } = syntheticCompared();
  const without = createComparison({ ...rest, results: all.filter(({ kind }) => kind === 'original') });
  assert.is(without.summary.speedupOverSparse, null);
  assert.is(without.headline, 'No crop at equal parameters could be built');
});

test.run();
