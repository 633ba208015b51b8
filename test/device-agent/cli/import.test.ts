import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureDocumentSchema, type JsonDocument, jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { loadModelFolder } from '@precrop/device-agent/store/model-folder';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { exportModel } from '@precrop/sdk/export/registry';
import { toInference } from '@precrop/sdk/program/training-step';
import { writeModelFile } from '@precrop/sdk/runtimes/model-files';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createModel } from '../../support/model-zoo.js';
import { type Ran, runPrecrop, withFolder } from './run-precrop.js';

const model = createModel(createArchitecture('resnet-20-w1'));
const metadata = { classNames: [...'abcdefghij'], normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } };
const tiny = ['--data', 'shapes', '--train-images', '32', '--test-images', '20', '--batch', '16', '--epochs', '1', '--peak-lr', '0.01'];

function documentOf({ code, stdout, stderr }: Ran): JsonDocument {
  assert.is(code, 0, stderr);
  return jsonDocumentSchema.parse(JSON.parse(stdout));
}

async function writeOnnx(path: string, fold = false): Promise<void> {
  await writeModelFile(path, await exportModel({ ...model, metadata }, 'onnx', { fold }));
}

test('ONNX and tfjs: exported, imported and exported again they are the same, weights and description too', () =>
  withFolder(async (cwd) => {
    for (const format of ['onnx', 'tfjs'] as const) {
      const path = format === 'onnx' ? 'net.onnx' : 'net';
      await writeModelFile(join(cwd, path), await exportModel({ ...model, metadata }, format, { fold: false }));
      const { summary } = documentOf(await runPrecrop(['import', path, '--force', '--json'], { cwd }));
      assert.is(summary['path'], 'net-imported'); // the second time it takes the place of the first
      assert.is(summary['architecture'], 'resnet-20-w1');
      const kept = await loadModelFolder(join(cwd, 'net-imported'));
      for (const { name } of toInference(model.architecture).variables) assert.equal(kept.weights.get(name), model.weights.get(name), name);
      assert.equal(kept.metadata.classNames, metadata.classNames);

      const again = format === 'onnx' ? 'again.onnx' : 'again';
      documentOf(await runPrecrop(['export', 'net-imported', '--to', format, '--no-fold', '-o', again, '--json'], { cwd }));
      if (format === 'onnx') assert.equal(readFileSync(join(cwd, again)), readFileSync(join(cwd, path)));
      else
        for (const file of readdirSync(join(cwd, path)))
          assert.equal(readFileSync(join(cwd, again, file)), readFileSync(join(cwd, path, file)));
    }
  }));

test('an imported model is described and cropped as an architecture is', () =>
  withFolder(async (cwd) => {
    await writeOnnx(join(cwd, 'net.onnx'));
    const words = await runPrecrop(['import', 'net.onnx', '-o', 'kept'], { cwd });
    assert.is(words.code, 0, words.stderr);
    for (const text of ['Imported: net.onnx is kept in kept', 'resnet-20-w1', 'precrop train --from kept'])
      assert.ok(words.stdout.includes(text));
    const [kept, named] = await Promise.all(['kept', 'resnet-20-w1'].map((name) => runPrecrop(['describe', name, '--json'], { cwd })));
    assert.equal(kept && documentOf(kept).summary, named && documentOf(named).summary);
    documentOf(await runPrecrop(['crop', 'kept', '--widths', 'original', '--align', '1', '--json'], { cwd }));
  }));

test('one epoch of fine-tuning begins with the imported weights, is a run of its own, and outlives its source', () =>
  withFolder(async (cwd) => {
    await writeOnnx(join(cwd, 'net.onnx'));
    documentOf(await runPrecrop(['import', 'net.onnx', '-o', 'kept', '--json'], { cwd }));
    const tuned = documentOf(await runPrecrop(['train', '--from', 'kept', ...tiny, '--json'], { cwd }));
    const fresh = documentOf(await runPrecrop(['train', '--arch', 'resnet-20-w1', ...tiny, '--json'], { cwd }));
    assert.is.not(tuned.summary['run'], fresh.summary['run']);
    assert.is.not(tuned.summary['loss'], fresh.summary['loss']);
    // Straight from the file it is the same run, so nothing is trained again.
    const direct = await runPrecrop(['train', '--from', 'net.onnx', ...tiny], { cwd });
    assert.match(direct.stdout, 'This run was finished before');
    assert.match(direct.stdout, 'resnet-20-w1, fine-tuned on shapes');

    // Its folder alone is enough to train it anew: the first weights are in it.
    const run = String(tuned.summary['run']);
    mkdirSync(join(cwd, 'elsewhere'));
    for (const file of ['description.json', 'initial-weights']) {
      cpSync(join(cwd, 'runs', run, file), join(cwd, 'elsewhere', run, file));
    }
    const again = documentOf(await runPrecrop(['train', '--resume', run, '--runs', 'elsewhere', '--json'], { cwd }));
    assert.equal(again.summary['loss'], tuned.summary['loss']);

    // A run is a model to begin with, too.
    const second = documentOf(await runPrecrop(['train', '--from', run, ...tiny, '--json'], { cwd }));
    assert.is.not(second.summary['run'], run);
  }));

test('a model made for other pixels than those that it will see is trained with a warning', () =>
  withFolder(async (cwd) => {
    await writeModelFile(join(cwd, 'net.onnx'), await exportModel(model, 'onnx', { fold: false }));
    const { code, stderr } = await runPrecrop(['train', '--from', 'net.onnx', ...tiny], { cwd });
    assert.is(code, 0, stderr);
    assert.match(stderr, '! The model was made for pixels as they are; shapes normalises them with mean 0.5, 0.5, 0.5.');
  }));

test('what cannot be imported is one sentence, exit code 1 or 2, and leaves no folder', () =>
  withFolder(async (cwd) => {
    await writeOnnx(join(cwd, 'net.onnx'));
    const whole = readFileSync(join(cwd, 'net.onnx'));
    // The ops keep their length, so that the file stays whole.
    const foreign = Buffer.from(whole.toString('latin1').replaceAll('Relu', 'Tanh'), 'latin1');
    writeFileSync(join(cwd, 'foreign.onnx'), foreign);
    writeFileSync(join(cwd, 'cut.onnx'), whole.subarray(0, whole.length / 2));
    writeFileSync(join(cwd, 'claim.onnx'), Buffer.concat([Buffer.from([0x3a, 0x80, 0xc8, 0xaf, 0xa0, 0x25]), whole])); // a graph of 10 GB
    writeFileSync(join(cwd, 'huge.onnx'), '');
    truncateSync(join(cwd, 'huge.onnx'), 10e9); // a hole: it takes no place on the disk
    await writeModelFile(join(cwd, 'net.tflite'), await exportModel(model, 'tflite'));
    mkdirSync(join(cwd, 'taken'));
    const before = readdirSync(cwd).toSorted();
    const cases: readonly (readonly [args: string, code: number, sentence: string])[] = [
      ['foreign.onnx', 1, 'Tanh'],
      ['cut.onnx', 1, 'cut.onnx cannot be used. This is no ONNX file, or it is damaged'],
      ['claim.onnx', 1, 'claim.onnx cannot be used.'],
      ['huge.onnx', 1, 'With huge.onnx the model takes 10.0 GB, more than the 2.00 GB that PreCrop reads.'],
      ['net.tflite', 2, 'A tflite file cannot be imported. Import an onnx or tfjs file.'],
      ['none.onnx', 2, 'There is nothing at none.onnx.'],
      ['net.onnx -o taken', 2, 'taken is there already.'],
      ['net.onnx -o taken --force', 2, 'taken is no imported model, so it is not replaced.'],
    ];
    for (const [args, code, sentence] of cases) {
      const ran = await runPrecrop(['import', ...args.split(' '), '--json'], { cwd });
      assert.is(ran.code, code, `${args}: ${ran.stderr}`);
      assert.is(ran.stderr.trim().split('\n').length, 1, ran.stderr);
      const { error } = failureDocumentSchema.parse(JSON.parse(ran.stdout));
      assert.ok(error.message.includes(sentence), error.message);
      assert.is(error.code, code === 1 ? 'invalid-model-file' : 'usage');
    }
    assert.equal(readdirSync(cwd).toSorted(), before);
  }));

test('an imported model that was changed on the disk is refused', () =>
  withFolder(async (cwd) => {
    await writeOnnx(join(cwd, 'net.onnx'));
    documentOf(await runPrecrop(['import', 'net.onnx', '-o', 'kept', '--json'], { cwd }));
    const weights = readFileSync(join(cwd, 'kept', 'weights'));
    weights.writeUInt8(weights.readUInt8(weights.length - 1) ^ 1, weights.length - 1);
    writeFileSync(join(cwd, 'kept', 'weights'), weights);
    const { code, stderr } = await runPrecrop(['export', 'kept', '--to', 'onnx', '-o', 'out.onnx'], { cwd });
    assert.is(code, 1);
    assert.match(stderr, 'The model in kept is damaged: its checksum does not fit. Import it again.');
    assert.not.ok(existsSync(join(cwd, 'out.onnx')));
  }));

test('fine-tuning: the options that contradict it are refused', async () => {
  for (const [args, sentence] of [
    ['--from resnet-20', 'resnet-20 has no trained weights to begin with. Train it with --arch resnet-20.'],
    ['--from none.onnx', 'There is nothing at none.onnx.'],
    ['--from net.onnx --arch resnet-20', '--from brings the architecture with its weights: --arch cannot be given with it.'],
    ['--from net.onnx --widths 0.5', '--widths cannot be given with it.'],
    ['--resume --from net.onnx', '--from cannot be given with it.'],
  ] as const) {
    const { code, stderr } = await runPrecrop(['train', ...args.split(' ')]);
    assert.is(code, 2, stderr);
    assert.ok(stderr.includes(sentence), stderr);
  }
});

test.run();
