import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { parsePlanFile } from '@precrop/device-agent/protocol/plan-file';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSimulatedProfile } from '../planner/simulated-device.js';
import { runPrecrop, withFolder } from './run-precrop.js';

// Without measuring: what a machine under test could measure is not known. The loop that measures is tested on a simulated device.
const profile = createSimulatedProfile();

async function withProfile(work: (folder: string, path: string) => Promise<void>, text = JSON.stringify(profile)): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'profile.json');
    writeFileSync(path, text);
    await work(folder, path);
  });
}

test('a plan holds its budget as predicted, is written whole, and is read by --widths and --plan', () =>
  withProfile(async (folder, path) => {
    const args = [
      'plan',
      'resnet-20',
      '--latency',
      '60%',
      '--params',
      '50%',
      '--profile',
      path,
      '--no-verify',
      '--json',
      '-o',
      'plan.json',
    ];
    const { code, stdout, stderr } = await runPrecrop([...args, '--report', 'report'], { cwd: folder });
    assert.is(code, 0, stderr);
    const document = jsonDocumentSchema.parse(JSON.parse(stdout));
    assert.is(document.summary['status'], 'fits');
    assert.is(document.summary['plan'], 'predicted for another device');
    assert.is(document.summary['latencyMs'], null);
    assert.ok(Number(document.summary['predictedLatencyMs']) <= Number(document.summary['budgetLatencyMs']));
    assert.ok(Number(document.summary['paramsRatio']) <= 0.5);
    const plan = parsePlanFile(JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')));
    assert.is(plan.budget.params, countArchitecture(createArchitecture('resnet-20')).params / 2);
    assert.equal(plan.measured, null);
    assert.match(readFileSync(join(folder, 'report', 'report.html'), 'utf8'), /Worth against cost/);
    const crop = await runPrecrop(['crop', 'resnet-20', '--widths', 'plan.json', '--json'], { cwd: folder });
    assert.is(JSON.parse(crop.stdout).summary.params, document.summary['params']);
    const train = await runPrecrop(['train', '--plan', 'plan.json', '--arch', 'resnet-20'], { cwd: folder });
    assert.is(train.code, 2);
    assert.match(train.stderr, /--plan brings the architecture/);
    assert.match((await runPrecrop(['train', '--plan', path], { cwd: folder })).stderr, /is no plan/);
  }));

test('words: what is possible, the widths, the costs, and that nothing was measured', () =>
  withProfile(async (folder, path) => {
    const args = ['plan', 'resnet-20', '--latency', '60%', '--memory', '64MiB', '--objective', 'erk', '--profile', path, '--no-verify'];
    const { code, stdout, stderr } = await runPrecrop(args, { cwd: folder });
    assert.is(code, 0, stderr);
    for (const words of ['satisfiable', 'stage3.block3.conv1', 'predicted', 'nothing was measured', 'a simulated device']) {
      assert.ok(stdout.includes(words), words);
    }
    assert.match(stderr, /another device/);
  }));

test('an infeasible budget ends with 3, names what it breaks, the least and the nearest', () =>
  withProfile(async (folder, path) => {
    const args = ['plan', 'resnet-20', '--latency', '1us', '--memory', '1GB', '--profile', path, '--no-verify', '--json'];
    const { code, stdout, stderr } = await runPrecrop(args, { cwd: folder });
    assert.is(code, 3);
    const { error } = JSON.parse(stdout);
    assert.is(error.code, 'budget-infeasible');
    assert.equal(error.details.broke, ['latencyMs']);
    assert.ok(error.details.least.latencyMs > 0.001);
    assert.match(stderr, /cannot be held on simulated.*takes at least.*nearest plan/s);
    assert.match(stderr, /satisfiable/);
  }));

test('a foreign profile gives no verified plan; a damaged one and an unknown runtime give none at all', async () => {
  await withProfile(async (folder, path) => {
    const foreign = await runPrecrop(['plan', 'resnet-20', '--latency', '60%', '--profile', path], { cwd: folder });
    assert.is(foreign.code, 2);
    assert.match(foreign.stderr, /another device.*--no-verify/s);
    const other = await runPrecrop(['plan', 'resnet-20', '--latency', '60%', '--profile', path, '--runtime', 'tflite', '--no-verify'], {
      cwd: folder,
    });
    assert.match(other.stderr, /no measurements of "tflite"/);
    const steps = await runPrecrop(['plan', 'resnet-20', '--train-step', '60%', '--profile', path, '--no-verify'], { cwd: folder });
    assert.is(steps.code, 2);
  });
  await withProfile(
    async (folder, path) => {
      const { code, stderr } = await runPrecrop(['plan', 'resnet-20', '--latency', '60%', '--profile', path, '--no-verify'], {
        cwd: folder,
      });
      assert.is(code, 2);
      assert.match(stderr, /damaged/);
    },
    JSON.stringify({ ...profile, machine: { peakGflops: -1, bandwidthGbPerS: 1 } }),
  );
});

test('mistakes are told before anything is loaded', async () => {
  const mistakes: readonly (readonly [args: string, sentence: RegExp])[] = [
    ['plan resnet-20', /There is no budget/],
    ['plan resnet-20 --latency 2', /--latency is "2".*2ms/],
    ['plan resnet-20 --memory 64', /--memory is "64"/],
    ['plan resnet-20 --latency 1ms --objective synexpp', /Did you mean synexp/],
    ['plan resnet-20 --latency 1ms --runtime onnx', /--runtime is "onnx"/],
    ['plan resnet-21 --latency 1ms', /Did you mean resnet-20/],
    ['plan resnet-20 --latency 1ms --profile none.json', /There is no profile at none.json/],
  ];
  for (const [args, sentence] of mistakes) {
    const { code, stderr } = await runPrecrop(args.split(' '));
    assert.is(code, 2, args);
    assert.match(stderr, sentence);
  }
});

test.run();
