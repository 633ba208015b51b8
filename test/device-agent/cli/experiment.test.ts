import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { failureDocumentSchema, jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { test } from 'uvu';
import { equal, is, match, not, ok } from 'uvu/assert';
import { type Ran, runPrecrop, withFolder } from './run-precrop.js';

const granularity = ['experiment', 'granularity'];
// Small enough for every backend: where the native library is absent, plain JavaScript trains it.
const tiny = [...granularity, '--arch', 'resnet-20-w4', '--data', 'shapes', '--train-images', '32', '--test-images', '20', '--batch', '16'];
const short = [
  ...tiny,
  '--epochs',
  '1',
  '--peak-lr',
  '0.05',
  '--from',
  'erk',
  '--density',
  '0.5',
  '--as',
  'unstructured,crop',
  '-o',
  'out',
];
const cells = ['original', 'erk-0.5-unstructured', 'erk-0.5-crop'];

const filesOf = (seeds: number): readonly string[] =>
  cells.flatMap((cell) => Array.from({ length: seeds }, (_, seed) => `${cell}-seed${seed}.json`)).sort();

function runsIn(cwd: string): readonly string[] {
  return readdirSync(join(cwd, 'out', 'runs')).sort();
}

function messageOf(ran: Ran): string {
  return failureDocumentSchema.parse(JSON.parse(ran.stdout)).error.message;
}

test('stopped, it goes on where it was; more seeds train only what is new; the report is made of all', () =>
  withFolder(async (cwd) => {
    let isSent = false;
    const stopped = await runPrecrop([...short, '--seeds', '1'], {
      cwd,
      onStderr(stderr, child) {
        if (!isSent && stderr.includes('now: erk-0.5-unstructured-seed0')) isSent = child.kill('SIGINT');
      },
    });
    is(stopped.code, 130, stopped.stderr);
    match(stopped.stderr, /Stopped: 1 of 3 trainings are done and kept in out\. Give the same command again to go on/);
    equal(runsIn(cwd), ['original-seed0.json']);

    const whole = await runPrecrop([...short, '--seeds', '1', '--json'], { cwd });
    is(whole.code, 0, whole.stderr);
    not.match(whole.stderr, 'now: original-seed0');
    equal(runsIn(cwd), filesOf(1));

    const first = readFileSync(join(cwd, 'out', 'runs', 'original-seed0.json'), 'utf8');
    const more = await runPrecrop([...short, '--seeds', '2', '--jobs', '2'], { cwd });
    is(more.code, 0, more.stderr);
    match(more.stderr, 'done: trainings 3 of 6');
    match(more.stderr, /job 2: \S+-seed1/);
    not.match(more.stderr, /job \d: \S+-seed0/);
    equal(runsIn(cwd), filesOf(2));
    is(readFileSync(join(cwd, 'out', 'runs', 'original-seed0.json'), 'utf8'), first);
    match(more.stdout, /^densities of +realised as +seeds/);
    match(more.stdout, /erk at 50 % +crop +2 /);
    match(more.stdout, 'Cropping ');
    match(more.stdout, 'Report: out/report.html');

    rmSync(join(cwd, 'out', 'report.html'));
    const again = await runPrecrop([...granularity, '--report-only', '-o', 'out', '--json'], { cwd });
    is(again.code, 0, again.stderr);
    is(again.stderr, '');
    ok(existsSync(join(cwd, 'out', 'report.html')));
    const { conclusion, setting, pooled, missing, ...frame } = JSON.parse(again.stdout);
    const { summary, results, command, verdict } = jsonDocumentSchema.parse(frame);
    is(command, 'experiment granularity');
    is(verdict, 'noisy'); // two seeds
    is(summary['trainings'], 6);
    is(results.length, 3);
    equal(missing, []);
    is(pooled.length, 1);
    is(setting.architecture, 'resnet-20-w4');
    ok(conclusion.length > 1);
    equal(JSON.parse(readFileSync(join(cwd, 'out', 'report.json'), 'utf8')).results, results);

    const other = await runPrecrop([...short, '--seeds', '1', '--align', '8', '--json'], { cwd });
    is(other.code, 2);
    match(messageOf(other), 'holds an experiment with another');
  }));

test('trainings that fail are named, with the first reason; the report is there all the same', () =>
  withFolder(async (cwd) => {
    const ran = await runPrecrop([...short, '--seeds', '1', '--train-images', '160', '--peak-lr', '1e30', '--json'], { cwd });
    is(ran.code, 1, ran.stderr);
    match(
      messageOf(ran),
      /^3 of 3 trainings failed, first original-seed0: The loss became NaN .* the same command tries again what failed\.$/,
    );
    ok(existsSync(join(cwd, 'out', 'report.html')));
    not.ok(existsSync(join(cwd, 'out', 'runs')));
  }));

test('what makes no sense is a sentence, before anything is trained', () =>
  withFolder(async (cwd) => {
    for (const [args, complaint] of [
      [['--from', 'synflwo'], /--from is "synflwo", but must be one of: .* Did you mean synflow\?/],
      [['--as', 'pruned'], /--as is "pruned", but must be one of: unstructured, shuffled/],
      [['--density', '1.5'], /--density is "1\.5"/],
      [['--seeds', '0'], /--seeds is "0", but must be a whole number of at least 1/],
      [['--seed', '3'], /--seed has no place here: .* Say how many with --seeds\./],
      [['--report-only'], /There is no experiment in granularity: it has no setting\.json/],
      [['--report-only', '--jobs', '2'], /"--report-only" cannot be used with option "--jobs <n>"/],
    ] as const) {
      const ran = await runPrecrop([...granularity, ...args, '--json'], { cwd });
      is(ran.code, 2, ran.stderr);
      match(messageOf(ran), complaint);
    }
    equal(readdirSync(cwd), []);
  }));

test.run();
