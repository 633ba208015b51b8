import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureDocumentSchema, type JsonDocument, jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createShapes } from '@precrop/sdk/data/shapes';
import { exportModel } from '@precrop/sdk/export/registry';
import { writeModelFile } from '@precrop/sdk/runtimes/model-files';
import type { RankedClass } from '@precrop/sdk/runtimes/rank-classes';
import { encode } from 'fast-png';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { computeLogits, createModel } from '../../support/model-zoo.js';
import { near } from '../../support/near.js';
import { skip } from '../../support/skip.js';
import { bin, type Ran, runPrecrop, withFolder } from './run-precrop.js';

const model = createModel(createArchitecture('resnet-20-w4'));
const shapes = createShapes({ trainCount: 3, testCount: 1 });
const normalization = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };
const metadata = { classNames: shapes.classNames, normalization };
const bytesPerImage = 32 * 32 * 3;

interface ImageRow {
  readonly image: string;
  readonly classes: readonly RankedClass[];
}

function documentOf({ code, stdout, stderr }: Ran): JsonDocument {
  assert.is(code, 0, stderr);
  return jsonDocumentSchema.parse(JSON.parse(stdout));
}

/** A folder with pictures `0.png`, `1.png` and `2.png`, and the model in ONNX. */
function withPictures(work: (cwd: string) => Promise<void>): Promise<void> {
  return withFolder(async (cwd) => {
    for (let image = 0; image < shapes.train.count; image++) {
      const data = shapes.train.images.slice(image * bytesPerImage, (image + 1) * bytesPerImage);
      writeFileSync(join(cwd, `${image}.png`), encode({ width: 32, height: 32, channels: 3, data }));
    }
    await writeModelFile(join(cwd, 'net.onnx'), await exportModel({ ...model, metadata }, 'onnx'));
    await work(cwd);
  });
}

/** Probabilities [n, classes] by the training backend. */
async function expectProbabilities(): Promise<readonly (readonly number[])[]> {
  const { mean, std } = normalization;
  const images = Float32Array.from(shapes.train.images, (value, index) => (value / 255 - (mean[index % 3] ?? 0)) / (std[index % 3] ?? 1));
  const logits = await computeLogits(model, images);
  return Array.from({ length: shapes.train.count }, (_, image) => {
    const powers = Array.from(logits.subarray(image * 10, (image + 1) * 10), Math.exp);
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  });
}

test('probabilities are those of the source: normalised as the file says, or by the file itself', () =>
  withPictures(async (cwd) => {
    const expected = await expectProbabilities();
    await writeModelFile(join(cwd, 'baked.onnx'), await exportModel({ ...model, metadata }, 'onnx', { bakeNormalization: true }));
    for (const path of ['net.onnx', 'baked.onnx']) {
      const { summary, results, conditions } = documentOf(
        await runPrecrop(['run', path, '--image', '0.png', '1.png', '2.png', '--top', '10', '--threads', '1', '--json'], { cwd }),
      );
      assert.is(summary['images'], 3);
      assert.is(summary['format'], 'onnx');
      assert.is(conditions.runtime, 'auto');
      assert.match(conditions.runtimeUsed, /^onnxruntime\//);
      assert.is(conditions.threads, 1);
      for (const [index, { image, classes }] of (results as readonly ImageRow[]).entries()) {
        assert.is(image, `${index}.png`);
        assert.is(classes.length, 10);
        for (const { class: number, name, probability } of classes) {
          assert.is(name, shapes.classNames[number]);
          near(probability, expected[index]?.[number] ?? Number.NaN, 1e-4);
        }
      }
    }
  }));

test('every format runs where its runtime is, and says the same', () =>
  withPictures(async (cwd) => {
    const paths: string[] = [];
    for (const [format, path] of [
      ['tflite', 'net.tflite'],
      ['saved-model', 'saved'],
      ['tfjs', 'web'],
    ] as const) {
      await writeModelFile(join(cwd, path), await exportModel({ ...model, metadata }, format));
      paths.push(path);
    }
    const [reference] = documentOf(await runPrecrop(['run', 'net.onnx', '--image', '0.png', '--json'], { cwd })).results as ImageRow[];
    for (const path of paths) {
      const ran = await runPrecrop(['run', path, '--image', '0.png', '--json'], { cwd });
      if (ran.code !== 0) {
        assert.is(failureDocumentSchema.parse(JSON.parse(ran.stdout)).error.code, 'backend-unavailable');
        continue;
      }
      const [row] = documentOf(ran).results as ImageRow[];
      for (const [place, { name, probability }] of (row?.classes ?? []).entries()) {
        assert.is(name, reference?.classes[place]?.name);
        near(probability, reference?.classes[place]?.probability ?? Number.NaN, 1e-4);
      }
    }
  }));

test('words for a person: the runtime, and a table with bars for each picture', () =>
  withPictures(async (cwd) => {
    const { code, stdout, stderr } = await runPrecrop(['run', 'net.onnx', '--image', '0.png', '1.png', '--top', '2', '--threads', '1'], {
      cwd,
    });
    assert.is(code, 0);
    assert.is(stderr, '');
    const [title, ...lines] = stdout.trim().split('\n');
    assert.match(title ?? '', /^net\.onnx: resnet-20-w4, [\d.]+ kB, images 32x32x3, in onnxruntime\/cpu with 1 thread$/);
    assert.equal(
      lines.filter((line) => line.endsWith('.png')),
      ['0.png', '1.png'],
    );
    const rows = lines.filter((line) => line.includes('%'));
    assert.is(rows.length, 4);
    assert.ok(
      rows.every((row) => /^ {2}[a-z]+ +\d+\.\d %( {2}[█▏▎▍▌▋▊▉]+)?$/.test(row)),
      rows.join('\n'),
    );
  }));

test('a file that says nothing of its classes and pixels is run all the same, and the words say what was done', () =>
  withPictures(async (cwd) => {
    // The key that PreCrop looks for, at equal length: so might another program have written the file.
    const foreign = Buffer.from(readFileSync(join(cwd, 'net.onnx')).toString('latin1').replaceAll('precrop', 'another'), 'latin1');
    writeFileSync(join(cwd, 'foreign.onnx'), foreign);
    const { code, stdout, stderr } = await runPrecrop(['run', 'foreign.onnx', '--image', '0.png', '--top', '1'], { cwd });
    assert.is(code, 0, stderr);
    assert.match(stdout, /\n {2}class \d +\d/);
    assert.match(stdout, 'pixels were fed in 0…1, and classes have numbers.');
  }));

test('what is no model or no picture is one sentence within a moment, and nothing is left on the disk', () =>
  withPictures(async (cwd) => {
    const onnx = readFileSync(join(cwd, 'net.onnx'));
    writeFileSync(join(cwd, 'cut.onnx'), onnx.subarray(0, onnx.length / 2));
    writeFileSync(join(cwd, 'claim.onnx'), Buffer.concat([Buffer.from([0x3a, 0x80, 0xc8, 0xaf, 0xa0, 0x25]), onnx])); // a graph of 10 GB
    writeFileSync(join(cwd, 'huge.tflite'), '');
    truncateSync(join(cwd, 'huge.tflite'), 10e9);
    await writeModelFile(join(cwd, 'net.tflite'), await exportModel(model, 'tflite'));
    const tflite = readFileSync(join(cwd, 'net.tflite'));
    tflite.writeUInt32LE(0xfffffff0, 0);
    writeFileSync(join(cwd, 'claim.tflite'), tflite);
    writeFileSync(join(cwd, 'text.png'), 'hello');
    const before = readdirSync(cwd).toSorted();

    const cases: readonly (readonly [args: string, code: number, sentence: string])[] = [
      ['cut.onnx --image 0.png', 1, '✗ cut.onnx cannot be used.'],
      ['claim.onnx --image 0.png', 1, '✗ claim.onnx cannot be used.'],
      ['huge.tflite --image 0.png', 1, '✗ With huge.tflite the model takes 10.0 GB, more than the 2.00 GB that PreCrop reads.'],
      ['claim.tflite --image 0.png', 1, '✗ claim.tflite cannot be used.'],
      ['net.onnx', 2, '✗ Required option "--image <file...>" not specified.'],
      ['net.onnx --image none.png', 2, '✗ There is no image none.png.'],
      ['net.onnx --image 0.png text.png', 1, '✗ text.png is no image that can be read here. Give a PNG, JPEG or WebP file.'],
      ['net.onnx --image 0.png --runtime tflite', 2, '✗ The runtime "tflite" loads tflite files'],
      ['net.onnx --image 0.png --runtime fast', 2, '✗ There is no runtime "fast". There are: auto, onnxruntime/cpu'],
      ['net.onnx --image 0.png --threads 0', 2, '✗ --threads is "0", but must be a whole number of at least 1.'],
      ['none.onnx --image 0.png', 2, '✗ There is nothing at none.onnx.'],
      ['. --image 0.png', 2, '✗ . is no model that PreCrop knows.'],
    ];
    for (const [args, code, sentence] of cases) {
      const ran = await runPrecrop(['run', ...args.split(' ')], { cwd });
      assert.is(ran.code, code, `${args}: ${ran.stderr}`);
      assert.is(ran.stdout, '');
      assert.ok(ran.stderr.startsWith(sentence), `${args}: ${ran.stderr}`);
      assert.is(ran.stderr.trim().split('\n').length, 1, ran.stderr);
    }
    assert.equal(readdirSync(cwd).toSorted(), before);
  }));

test('a training run and an imported model send to export', () =>
  withPictures(async (cwd) => {
    await runPrecrop(['import', 'net.onnx', '-o', 'kept'], { cwd });
    const { code, stderr } = await runPrecrop(['run', 'kept', '--image', '0.png'], { cwd });
    assert.is(code, 2);
    assert.match(stderr, 'kept is an imported model. Export it first: precrop export kept --to onnx');
  }));

/** Runs a long command, and does something to its worker's process or its own once there is a worker. */
function interrupt(cwd: string, act: (own: number, worker: number) => void): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, 'run', 'net.onnx', '--image', ...Array.from({ length: 2000 }, () => '0.png')], { cwd });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const pid = child.pid ?? 0;
    const watch = setInterval(() => {
      const [worker] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      if (!worker) return;
      clearInterval(watch);
      act(pid, Number(worker));
    }, 20);
    child.on('close', (code) => {
      clearInterval(watch);
      resolve({ code, stdout, stderr });
    });
  });
}

const onCrash = 'a crash of the process that runs the model is one sentence that names the file';
const onCancel = 'Ctrl-C ends a long run with exit code 130 and no half result';
if (process.platform === 'linux') {
  test(onCrash, () =>
    withPictures(async (cwd) => {
      const { code, stdout, stderr } = await interrupt(cwd, (_, worker) => process.kill(worker, 'SIGSEGV'));
      assert.is(code, 1, stderr);
      assert.is(stdout, '');
      assert.match(stderr, /^✗ net\.onnx ended the process that ran it \(signal SIGSEGV\): /);
      assert.is(stderr.trim().split('\n').length, 1);
    }),
  );
  test(onCancel, () =>
    withPictures(async (cwd) => {
      const { code, stdout, stderr } = await interrupt(cwd, (own) => process.kill(own, 'SIGINT'));
      assert.is(code, 130, stderr);
      assert.is(stdout, '');
    }),
  );
} else {
  for (const name of [onCrash, onCancel]) skip(test, name, 'finding a child process is written for Linux alone');
}

test.run();
