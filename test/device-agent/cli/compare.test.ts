import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseComparison } from '@precrop/device-agent/report/compare/create-comparison';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runPrecrop, withFolder } from './run-precrop.js';

// Small enough for every backend: where the native library is absent, plain JavaScript trains it.
const tiny = [
  'compare',
  '--arch',
  'resnet-20-w4',
  '--density',
  '0.3',
  '--crops',
  'synexp',
  '--sparse',
  'erk,synexp',
  '--align',
  '1',
  '--data',
  'shapes',
];
const recipe = ['--train-images', '32', '--test-images', '20', '--train-batch', '16', '--epochs', '1', '--peak-lr', '0.05'];
const timing = ['--batch', '2', '--runtime', 'onnxruntime/cpu,sparse-wasm', '--limit', '1'];
const whole = [...tiny, ...recipe, ...timing];

test('original, crops and sparse networks: a report that is the document; stopped and launched again, no training is done twice', () =>
  withFolder(async (cwd) => {
    let isSent = false;
    const stopped = await runPrecrop(whole, {
      cwd,
      onStderr(stderr, child) {
        if (!isSent && stderr.includes('2 of 5')) isSent = child.kill('SIGINT');
      },
    });
    assert.is(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, 'Stopped. Give the same command again to go on: finished trainings are kept');
    assert.not.ok(existsSync(join(cwd, 'comparison')));

    const ran = await runPrecrop([...whole, '--json'], { cwd });
    assert.is(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /✓ 1 of 5 {2}original, seed 0: test/);
    assert.not.match(ran.stderr, '1 of 5  original, seed 0: epoch', 'the original was trained before');
    assert.match(ran.stderr, '5 of 5  synexp sparse, seed 0: epoch 1/1');

    const report = parseComparison(JSON.parse(ran.stdout));
    assert.equal(parseComparison(JSON.parse(readFileSync(join(cwd, 'comparison', 'report.json'), 'utf8'))), report);
    assert.match(readFileSync(join(cwd, 'comparison', 'report.html'), 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
    const ids = ['original', 'crop-synexp-params', 'crop-synexp-macs', 'sparse-erk', 'sparse-synexp'];
    assert.equal(
      report.results.map(({ id }) => id),
      ids,
    );
    assert.is(readdirSync(join(cwd, 'runs')).length, ids.length);

    const [original, byParams, byMacs, , sparse] = report.results;
    assert.ok(original && byParams && byMacs && sparse);
    assert.ok(byParams.params <= sparse.params && byMacs.macs <= sparse.macs && sparse.params < original.params);
    assert.is(sparse.mask?.collapsed.length, 0);
    for (const { inference, trainings, trials, disk, trainStep, kind } of report.results) {
      assert.is(trainings.length, 1);
      assert.is(inference.length, 1);
      assert.is(inference[0]?.batch, 2);
      assert.ok(trainStep.samples.length > 0);
      const finals = trials.filter(({ stage }) => stage === 'final');
      assert.ok(finals.length === 1 || finals.length === 2);
      assert.is(inference[0]?.median, Math.min(...finals.flatMap(({ medianMs }) => medianMs ?? [])), 'the faster finalist counts');
      assert.ok(trials.filter(({ stage }) => stage === 'trial').length >= finals.length);
      assert.is(disk.bytes, Math.min(...Object.values(disk.all)));
      assert.is(Object.keys(disk.all).length, kind === 'sparse' ? 2 : 1);
    }
    assert.is(report.results[3]?.trainStep.median, sparse.trainStep.median, 'masked networks have one and the same step');
    const { summary } = report;
    const ms = (index: number) => report.results[index]?.inference[0]?.median ?? Number.NaN;
    if (summary.speedupOverOriginal !== null) assert.is(summary.speedupOverOriginal, ms(0) / ms(1));
    assert.is(summary.batch, 2);
  }));

test('mistakes are told before anything is trained', () =>
  withFolder(async (cwd) => {
    const cases: readonly (readonly [args: readonly string[], sentence: string])[] = [
      [[...tiny, '--train-images', '8', '--train-batch', '16'], '--train-batch is 16, but there are 8 training images'],
      [[...tiny, '--sparse', 'synflo'], 'Did you mean synflow?'],
      [[...tiny, '--density', '0'], '--density is "0", but must be above 0'],
      [[...tiny, '--runtime', 'tflit'], 'Did you mean tflite?'],
      [['compare', '--arch', 'mobilenet-v2-x1.0', '--data', 'shapes'], 'Try mobilenet-v2-x1.0-cifar.'],
    ];
    for (const [args, sentence] of cases) {
      const { code, stderr } = await runPrecrop(args, { cwd });
      assert.is(code, 2, stderr);
      assert.match(stderr, sentence);
    }
    assert.not.ok(existsSync(join(cwd, 'runs')));
  }));

test.run();
