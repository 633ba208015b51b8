import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportCheck } from '@precrop/device-agent/cli/check-export';
import { failureDocumentSchema, type JsonDocument, jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import type { ModelDescription } from '@precrop/sdk/export/model';
import { loadFormat } from '@precrop/sdk/export/registry';
import { loadModelFile } from '@precrop/sdk/runtimes/model-files';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ran, runPrecrop, withFolder } from './run-precrop.js';

const small = 'resnet-20-w4';

function documentOf({ code, stdout, stderr }: Ran): JsonDocument {
  assert.is(code, 0, stderr);
  return jsonDocumentSchema.parse(JSON.parse(stdout));
}

function checkOf({ results }: JsonDocument): ExportCheck {
  return (results[0] as { readonly check: ExportCheck }).check;
}

async function descriptionOf(path: string): Promise<ModelDescription | undefined> {
  const file = await loadModelFile(path);
  return (await loadFormat(file.format)).readDescription(file);
}

test('an architecture in every format: the file is there, as large as it says, and computes the same where a runtime is', () =>
  withFolder(async (cwd) => {
    const paths = { onnx: `${small}.onnx`, tflite: `${small}.tflite`, 'saved-model': `${small}-saved-model`, tfjs: `${small}-tfjs` };
    for (const [format, path] of Object.entries(paths)) {
      const document = documentOf(await runPrecrop(['export', small, '--to', format, '--json'], { cwd }));
      const { summary, conditions } = document;
      const { files } = await loadModelFile(join(cwd, path));
      assert.is(summary['path'], path);
      assert.is(
        summary['bytes'],
        [...files.values()].reduce((sum, { length }) => sum + length, 0),
      );
      assert.is(summary['foldedBatchNorms'], 21);
      const check = checkOf(document);
      if (check.status === 'checked') {
        assert.is(summary['maxAbsoluteDifference'], check.maxAbsoluteDifference);
        assert.ok(check.maxAbsoluteDifference < 1e-4, `${format}: ${check.maxAbsoluteDifference}`);
        assert.is(conditions.runtimeUsed, check.runtime);
      } else {
        assert.is.not(format, 'onnx', check.reason); // its runtime comes with the packages
        assert.is(summary['maxAbsoluteDifference'], null);
        assert.ok(check.reason.length > 10);
      }
      assert.is((await descriptionOf(join(cwd, path)))?.name, small);
    }
    assert.equal(readdirSync(cwd).toSorted(), Object.values(paths).toSorted());
  }));

test('words for a person: what was written, folded and checked, and the next command', () =>
  withFolder(async (cwd) => {
    const { code, stdout } = await runPrecrop(['export', small, '--to', 'onnx', '-o', 'deep/net.onnx'], { cwd });
    assert.is(code, 0);
    for (const text of [
      'Written: deep/net.onnx, 7',
      '(onnx, float32)',
      '21 of 21 folded',
      'untrained, seed 0',
      '4 images of noise in onnxruntime/cpu: no logit differs by more than',
      'Run it: precrop run deep/net.onnx --image photo.jpg',
    ]) {
      assert.ok(stdout.includes(text), `${text} is not in:\n${stdout}`);
    }
  }));

test('widths, seed, folding and float16 are obeyed; a plan or crop file leaves its hash in the file', () =>
  withFolder(async (cwd) => {
    const bytesOf = async (...args: readonly string[]): Promise<number> =>
      Number(documentOf(await runPrecrop(['export', small, ...args, '--force', '--json'], { cwd })).summary['bytes']);
    const whole = await bytesOf('--to', 'tflite', '-o', 'a.tflite');
    const first = readFileSync(join(cwd, 'a.tflite'));
    assert.is(await bytesOf('--to', 'tflite', '-o', 'a.tflite'), whole);
    assert.equal(readFileSync(join(cwd, 'a.tflite')), first, 'equal seeds give equal files');
    await bytesOf('--to', 'tflite', '-o', 'a.tflite', '--seed', '1');
    assert.not.equal(readFileSync(join(cwd, 'a.tflite')), first);
    assert.ok((await bytesOf('--to', 'tflite', '-o', 'half.tflite', '--float16')) < 0.75 * whole);
    assert.ok((await bytesOf('--to', 'onnx', '-o', 'b.onnx', '--no-fold')) > (await bytesOf('--to', 'onnx', '-o', 'c.onnx')));

    await runPrecrop(['crop', small, '--macs', '50%', '--align', '2', '-o', 'crop.json'], { cwd });
    assert.ok((await bytesOf('--to', 'onnx', '-o', 'd.onnx', '--widths', 'crop.json')) < (await bytesOf('--to', 'onnx', '-o', 'c.onnx')));
    assert.match((await descriptionOf(join(cwd, 'd.onnx')))?.planHash ?? '', /^[0-9a-f]{64}$/);
    assert.is((await descriptionOf(join(cwd, 'c.onnx')))?.planHash, undefined);
  }));

test('a training run: its file knows the classes and how images are normalised, or normalises them itself', () =>
  withFolder(async (cwd) => {
    const tiny = ['--data', 'shapes', '--train-images', '32', '--test-images', '20', '--batch', '16', '--epochs', '1', '--peak-lr', '0.05'];
    const { summary } = documentOf(await runPrecrop(['train', '--arch', 'resnet-20-w1', ...tiny, '--json'], { cwd }));
    const run = String(summary['run']);

    const words = await runPrecrop(['export', run, '--to', 'onnx', '-o', 'net.onnx'], { cwd });
    assert.ok(words.stdout.includes(`run ${run}, 1 of 1 epoch on shapes`), words.stdout);
    assert.ok(words.stdout.includes('10: disc, ring, square, … dots'), words.stdout);
    const description = await descriptionOf(join(cwd, 'net.onnx'));
    assert.equal(description?.normalization, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
    assert.is(description?.classNames?.length, 10);

    const baked = documentOf(
      await runPrecrop(
        ['export', `runs/${run}`, '--to', 'onnx', '-o', 'baked.onnx', '--normalize', '--fold', '--licence', 'CC0-1.0', '--json'],
        { cwd },
      ),
    );
    assert.ok(Number(baked.summary['maxAbsoluteDifference']) < 1e-3);
    assert.is((await descriptionOf(join(cwd, 'baked.onnx')))?.normalization, undefined);
    assert.is((await descriptionOf(join(cwd, 'baked.onnx')))?.licence, 'CC0-1.0');
  }));

const mistakes: readonly (readonly [args: string, code: number, sentence: string])[] = [
  ['resnet-20-w4', 2, '✗ Required option "--to <format>" not specified. See precrop export --help.'],
  ['resnet-20-w4 --to tfllite', 2, '✗ --to is "tfllite", but must be one of: onnx, tflite, saved-model, tfjs. Did you mean tflite?'],
  ['resnet-20-w4 --to onnx -o net', 2, '✗ The output is "net", but a file in onnx ends in .onnx. Write -o net.onnx.'],
  ['resnet-20-w4 --to onnx -o old.onnx', 2, '✗ old.onnx is there already. Choose another with -o, or replace it with --force.'],
  ['resnet-20-w4 --to tfjs -o full', 2, '✗ full is there already. Choose another with -o, or replace it with --force.'],
  ['resnet-20-w4 --to onnx --float16', 2, '✗ onnx files cannot hold float16 weights. Only tflite files can.'],
  ['resnet-20-w4 --to tfjs --sparse', 2, '✗ tfjs files cannot hold sparse weights. Only tflite files can.'],
  ['resnet-20-w4 --to onnx --batch 8', 2, '✗ --batch is for tflite files alone: onnx files take any number of images.'],
  ['none.onnx --to tflite', 2, '✗ There is nothing at none.onnx.'],
  ['full --to onnx', 2, '✗ full is no model that PreCrop knows.'],
  ['old.onnx --to tflite', 1, '✗ old.onnx cannot be used. This is no ONNX file'],
  ['old.onnx --to tflite --seed 3', 2, "✗ old.onnx has its widths and weights: --seed is for an architecture's name alone."],
  ['resnet-20-w4 --to onnx -o old.onnx/a.onnx', 1, '✗ old.onnx/a.onnx could not be written'],
  ['resnet-21 --to onnx', 2, 'Did you mean resnet-20? There is no file or run of that name either.'],
];

test('every mistake is one sentence, and leaves nothing on the disk', () =>
  withFolder(async (cwd) => {
    writeFileSync(join(cwd, 'old.onnx'), 'not a model');
    mkdirSync(join(cwd, 'full'));
    writeFileSync(join(cwd, 'full', 'letter.txt'), 'dear');
    const check = async ([args, code, sentence]: (typeof mistakes)[number]): Promise<void> => {
      const ran = await runPrecrop(['export', ...args.split(' ')], { cwd });
      assert.is(ran.code, code, `${args}: ${ran.stderr}`);
      assert.is(ran.stdout, '');
      const last = ran.stderr.trim().split('\n').at(-1) ?? '';
      assert.ok(last.includes(sentence), `${args}: ${ran.stderr}`);
      assert.not.match(ran.stderr, /\n {4}at /);
    };
    for (let first = 0; first < mistakes.length; first += 4) await Promise.all(mistakes.slice(first, first + 4).map(check));
    const forced = await runPrecrop(['export', small, '--to', 'tfjs', '-o', 'full', '--force', '--json'], { cwd });
    assert.is(failureDocumentSchema.parse(JSON.parse(forced.stdout)).error.code, 'usage');
    assert.match(forced.stderr, 'full holds "letter.txt"');
    assert.equal(readdirSync(cwd).toSorted(), ['full', 'old.onnx']);
    assert.is(readFileSync(join(cwd, 'old.onnx'), 'utf8'), 'not a model');
    assert.ok(existsSync(join(cwd, 'full', 'letter.txt')));
  }));

test.run();
