import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonDocument, jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { findPrunableLayers } from '@precrop/sdk/density/layer-densities';
import { importModel } from '@precrop/sdk/export/registry';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { loadModelFile } from '@precrop/sdk/runtimes/model-files';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ran, runPrecrop, withFolder } from './run-precrop.js';

const arch = 'resnet-20-w2';
const tiny = ['train', '--arch', arch, '--data', 'shapes', '--test-images', '20', '--batch', '16', '--peak-lr', '0.05'];
const { prunable } = countArchitecture(createArchitecture(arch));

function documentOf(ran: Ran): JsonDocument {
  assert.is(ran.code, 0, ran.stderr);
  return jsonDocumentSchema.parse(JSON.parse(ran.stdout));
}

function lossesOf(ran: Ran): readonly unknown[] {
  return documentOf(ran).results.map((record) => (record as { testLoss: number }).testLoss);
}

test('crop: a criterion gives widths that hold the budget, the same for the same seed, and a file that --widths reads', () =>
  withFolder(async (cwd) => {
    const args = ['crop', 'resnet-20-w4', '--density', 'synflow', '--params', '20%', '--align', '1', '--json'];
    const first = await runPrecrop([...args, '-o', 'crop.json'], { cwd });
    const { summary, results, conditions } = documentOf(first);
    assert.ok(Number(summary['paramsRatio']) <= 0.2 && Number(summary['paramsRatio']) > 0.15);
    const { prunable: all } = countArchitecture(createArchitecture('resnet-20-w4'));
    assert.is(summary['maskDensity'], Math.round(0.2 * all) / all);
    assert.ok(Number(summary['effectiveDensity']) <= Number(summary['maskDensity']));
    assert.is.not(conditions.runtimeUsed, 'none');
    assert.equal(documentOf(await runPrecrop(args, { cwd })).results, results);
    const file = JSON.parse(readFileSync(join(cwd, 'crop.json'), 'utf8')) as { asked: { densities: Record<string, number> } };
    assert.equal(
      Object.keys(file.asked.densities),
      findPrunableLayers(createArchitecture('resnet-20-w4')).map(({ id }) => id),
    );
    const described = documentOf(await runPrecrop(['describe', 'resnet-20-w4', '--widths', 'crop.json', '--json'], { cwd }));
    assert.is(described.summary['params'], summary['params']);
  }));

test('crop: layers that a criterion empties are named, and stay in the crop', async () => {
  const ran = await runPrecrop(['crop', arch, '--density', 'random', '--params', '8%', '--align', '1']);
  assert.is(ran.code, 0, ran.stderr);
  const [, named = ''] = /leaves nothing of (?:one layer|\d+ layers), (.+?)\. A higher/.exec(ran.stderr) ?? [];
  assert.match(named, /conv|fc/, ran.stderr);
  assert.match(ran.stdout.replaceAll('\n', ' '), `Nothing would be left of ${named}: counted as one weight each`);
  for (const layer of named.split(', ')) assert.match(ran.stdout, new RegExp(`^${layer} +\\d+ +[1-9]`, 'm'));
});

test('a masked run says what it keeps; stopped and resumed it gives the numbers of one that was not; its files hold the zeros', () =>
  withFolder(async (cwd) => {
    const masked = [...tiny, '--train-images', '160', '--epochs', '4', '--mask', 'synflow', '--density', '20%'];
    const whole = await runPrecrop([...masked, '--runs', 'whole', '--json'], { cwd });
    const { summary } = documentOf(whole);
    const count = Math.round(0.2 * prunable);
    assert.is(summary['mask'], 'synflow');
    assert.is(summary['granularity'], 'unstructured');
    assert.ok(Math.abs(Number(summary['density']) - count / prunable) < 1e-9);
    assert.ok(Number(summary['effectiveDensity']) <= Number(summary['density']));

    let isSent = false;
    const stopped = await runPrecrop(masked, {
      cwd,
      onStderr(stderr, child) {
        if (!isSent && stderr.includes('epoch 1/4')) isSent = child.kill('SIGINT');
      },
    });
    assert.is(stopped.code, 130, stopped.stderr);
    const resumed = await runPrecrop(['train', '--resume', '--json'], { cwd });
    assert.match(resumed.stderr, /going on after [1-3] of 4 epochs/);
    assert.not.match(resumed.stderr, 'synflow 100 of 100', 'what is resumed is not scored anew');
    assert.equal(lossesOf(resumed), lossesOf(whole));
    assert.is(documentOf(resumed).summary['effectiveDensity'], summary['effectiveDensity']);

    const told = await runPrecrop(masked, { cwd });
    assert.match(told.stdout, /Mask +synflow: the weights that it chose/);
    assert.match(told.stdout, /Weights kept +20\.\d %, effective density \d+\.\d %/);

    const run = String(summary['run']);
    documentOf(await runPrecrop(['export', run, '--to', 'onnx', '-o', 'dense.onnx', '--json'], { cwd }));
    documentOf(await runPrecrop(['export', run, '--to', 'tflite', '--sparse', '-o', 'sparse.tflite', '--json'], { cwd }));
    assert.ok(existsSync(join(cwd, 'sparse.tflite')));
    const model = await importModel(await loadModelFile(join(cwd, 'dense.onnx')));
    const kept = [...model.weights]
      .filter(([name]) => name.endsWith('/kernel'))
      .flatMap(([, values]) => [...values].filter((value) => value !== 0));
    assert.ok(kept.length <= count && kept.length > 0.9 * count, `${kept.length} of ${count}`);
  }));

test('whole kernels; other first weights than were scored: another run each', () =>
  withFolder(async (cwd) => {
    const short = [...tiny, '--train-images', '32', '--epochs', '1', '--mask', 'erk', '--density', '0.3', '--json'];
    const runs = [
      documentOf(await runPrecrop([...short, '--granularity', 'kernel'], { cwd })),
      documentOf(await runPrecrop([...short, '--redraw'], { cwd })),
    ];
    assert.is(new Set(runs.map(({ summary }) => summary['run'])).size, 2);
    assert.is(new Set(runs.map(({ summary }) => summary['loss'])).size, 2);
    assert.is(runs[0]?.summary['granularity'], 'kernel');
  }));

test.run();
