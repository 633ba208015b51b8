import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureDocumentSchema, type JsonDocument, jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';
import { type Ran, runPrecrop, withFolder } from './run-precrop.js';

// Small enough for every backend: where the native library is absent, plain JavaScript trains it.
const tiny = ['train', '--arch', 'resnet-20-w1', '--data', 'shapes', '--test-images', '20', '--batch', '16', '--peak-lr', '0.05'];
const oneEpoch = [...tiny, '--train-images', '32', '--epochs', '1'];
// Long enough that it is still training when it is stopped after its first epoch, on a busy machine too.
const eightEpochs = [...tiny, '--train-images', '160', '--epochs', '8'];

function documentOf({ stdout }: Ran): JsonDocument {
  return jsonDocumentSchema.parse(JSON.parse(stdout));
}

/** Loss of each epoch: equal numbers mean equal weights. */
function lossesOf(ran: Ran): readonly unknown[] {
  return documentOf(ran).results.map((record) => (record as { testLoss: number }).testLoss);
}

test('one epoch: a document, milestones on stderr, a run folder; launched again it is not trained again', () =>
  withFolder(async (cwd) => {
    const ran = await runPrecrop([...oneEpoch, '--json'], { cwd });
    assert.is(ran.code, 0, ran.stderr);
    const { summary, conditions, results, verdict } = documentOf(ran);
    assert.is(verdict, 'valid');
    assert.is(summary['epochs'], 1);
    assert.is(results.length, 1);
    assert.is(summary['secondsPerEpoch'], summary['seconds']);
    assert.ok(Number(summary['accuracy']) >= 0 && Number(summary['accuracy']) <= 1);
    assert.ok(Number(summary['peakRssBytes']) > 1e7);
    assert.is(conditions.batch, 16);
    assert.is(conditions.runtime, 'auto');
    assert.is.not(conditions.runtimeUsed, 'auto');
    assert.match(ran.stderr, /epoch 1\/1 {2}loss \d/);
    assert.equal(readdirSync(join(cwd, 'runs')), [String(summary['run'])]);

    const again = await runPrecrop(oneEpoch, { cwd });
    assert.is(again.code, 0);
    assert.match(again.stdout, 'This run was finished before, so nothing was trained.');
    assert.match(again.stdout, `Run            ./runs/${summary['run']}`);
    assert.not.match(again.stderr, 'epoch 1/1');

    const resumed = await runPrecrop(['train', '--resume', String(summary['run']), '--json'], { cwd });
    assert.equal(documentOf(resumed).summary, summary);
  }));

test('Ctrl-C in mid-run: exit code 130 and the way on; resumed, it gives the numbers of a run that was never stopped', () =>
  withFolder(async (cwd) => {
    const whole = await runPrecrop([...eightEpochs, '--runs', 'whole', '--json'], { cwd });
    assert.is(whole.code, 0, whole.stderr);

    let isSent = false;
    const stopped = await runPrecrop(eightEpochs, {
      cwd,
      onStderr(stderr, child) {
        if (!isSent && stderr.includes('epoch 1/8')) isSent = child.kill('SIGINT');
      },
    });
    assert.is(stopped.code, 130, stopped.stderr);
    assert.is(stopped.stdout, '');
    const [, name = ''] = /Stopped\. Continue with: precrop train --resume (\S+)/.exec(stopped.stderr) ?? [];
    assert.ok(existsSync(join(cwd, 'runs', name, 'checkpoint')));
    assert.not.ok(existsSync(join(cwd, 'runs', name, 'result.json')));

    const resumed = await runPrecrop(['train', '--resume', '--json'], { cwd });
    assert.is(resumed.code, 0, resumed.stderr);
    assert.is(documentOf(resumed).summary['run'], name);
    assert.match(resumed.stderr, /going on after [1-7] of 8 epochs/);
    assert.equal(lossesOf(resumed), lossesOf(whole));
    const files = readdirSync(join(cwd, 'runs', name)).toSorted();
    assert.equal(files, ['accuracy.svg', 'checkpoint', 'description.json', 'result.json']);
  }));

test('Ctrl-C with --json: the failure is a document', () =>
  withFolder(async (cwd) => {
    let isSent = false;
    const { code, stdout } = await runPrecrop([...eightEpochs, '--json'], {
      cwd,
      onStderr(stderr, child) {
        if (!isSent && stderr.includes('starting')) isSent = child.kill('SIGINT');
      },
    });
    assert.is(code, 130);
    assert.is(failureDocumentSchema.parse(JSON.parse(stdout)).error.code, 'cancelled');
  }));

const whenWorkerDies = 'a worker that is killed: one sentence, exit code 1, and the run can go on';
if (process.platform === 'linux') {
  test(whenWorkerDies, () =>
    withFolder(async (cwd) => {
      let isKilled = false;
      const ran = await runPrecrop(eightEpochs, {
        cwd,
        onStderr(stderr, { pid }) {
          if (isKilled || !stderr.includes('epoch 1/8')) return;
          isKilled = true;
          const [worker] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
          process.kill(Number(worker), 'SIGKILL');
        },
      });
      assert.is(ran.code, 1, ran.stderr);
      assert.is(ran.stdout, '');
      assert.match(ran.stderr, 'The process of "train" ended with signal SIGKILL');
      assert.not.match(ran.stderr, /\n {4}at /);
      const resumed = await runPrecrop(['train', '--resume', '--json'], { cwd });
      assert.is(documentOf(resumed).summary['epochs'], 8);
    }),
  );
} else {
  skip(test, whenWorkerDies, 'finding a child process is written for Linux alone');
}

test('a loss that is no number: one sentence, exit code 1, nothing half-written', () =>
  withFolder(async (cwd) => {
    const { code, stdout, stderr } = await runPrecrop([...eightEpochs, '--peak-lr', '1e30', '--json'], { cwd });
    assert.is(code, 1);
    assert.is(failureDocumentSchema.parse(JSON.parse(stdout)).error.code, 'training-failed');
    assert.match(stderr, /The loss became (NaN|Infinity) in epoch 1/);
    const [name = ''] = readdirSync(join(cwd, 'runs'));
    assert.not.ok(readdirSync(join(cwd, 'runs', name)).some((file) => file.includes('partial')));
  }));

test('images and architecture must fit, and a batch must be filled', () =>
  withFolder(async (cwd) => {
    const large = await runPrecrop(['train', '--arch', 'mobilenet-v2-x1.0', '--data', 'shapes'], { cwd });
    assert.is(large.code, 2);
    assert.match(large.stderr, 'Try mobilenet-v2-x1.0-cifar.');
    const few = await runPrecrop([...tiny, '--train-images', '8'], { cwd });
    assert.is(few.code, 2);
    assert.match(few.stderr, '--batch is 16, but there are 8 training images');
    const many = await runPrecrop([...tiny, '--train-images', '10000000'], { cwd });
    assert.is(many.code, 2);
    assert.not.ok(existsSync(join(cwd, 'runs')));
  }));

test.run();
