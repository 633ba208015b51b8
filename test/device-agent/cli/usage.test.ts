import { spawn } from 'node:child_process';
import { failureDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bin, runPrecrop, withFolder } from './run-precrop.js';

/** What is asked, the exit code, and a part of the sentence. */
const mistakes: readonly (readonly [args: string, code: number, sentence: string])[] = [
  ['describe resnet-21', 2, 'Did you mean resnet-20?'],
  ['descrbe resnet-20', 2, 'Unknown command "descrbe". Did you mean describe?'],
  ['describe resnet-20 --widhts 0.5', 2, 'Unknown option "--widhts". Did you mean --widths?'],
  ['describe', 2, 'Missing required argument "arch".'],
  ['describe resnet-20 resnet-32', 2, 'Too many arguments'],
  ['describe resnet-20 --batch abc', 2, '--batch is "abc", but must be a whole number of at least 1.'],
  ['describe resnet-20 --batch 1.5', 2, '--batch is "1.5", but must be a whole number of at least 1.'],
  ['describe resnet-20 --widths stage9=8', 2, 'resnet-20 has no width group "stage9".'],
  ['describe resnet-20 --widths none.json', 2, 'there is no such file'],
  ['crop resnet-20', 2, 'There is no budget.'],
  ['crop resnet-20 --macs 0', 2, '--macs is "0", but must be above 0 and at most 100%.'],
  ['crop resnet-20 --macs 200%', 2, '--macs is "200%", but must be above 0 and at most 100%.'],
  ['crop resnet-20 --density 0', 2, '--density is "0", but must be above 0 and at most 1'],
  ['crop resnet-20 --density 2', 2, '--density is "2", but must be above 0 and at most 1'],
  ['crop resnet-20 --density -1', 2, '--density is "-1", but must be above 0 and at most 1'],
  ['crop resnet-20 --density synexpp --macs 25%', 2, '--density is "synexpp", but must be one of: '],
  ['crop resnet-20 --density synexpp --params 25%', 2, 'Did you mean synexp?'],
  ['crop resnet-20 --density synflow --macs 25%', 2, 'synflow chooses a share of the weights: give it with --params 10%.'],
  ['crop resnet-20 --density grasp --params 10%', 2, 'grasp looks at labelled images: name them with --data cifar10'],
  ['crop resnet-20 --density grasp --params 10% --data cifar', 2, '--data is "cifar", but must be one of: auto, cifar10'],
  ['crop resnet-20 --macs 25% --upper-bound 0.5', 2, '--upper-bound is "0.5", but must be a number at least 1.'],
  ['crop resnet-20 --macs 25% --widths 0.5', 2, 'not both'],
  ['crop resnet-20 --macs 1%', 3, 'A budget of 1.0 % of the MACs cannot be met'],
  ['train', 2, 'Name an architecture with --arch'],
  ['train --arch resnet-20 --epochs 0', 2, '--epochs is "0", but must be a whole number of at least 1.'],
  ['train --arch resnet-20 --peak-lr 0', 2, '--peak-lr is "0", but must be a number above 0.'],
  ['train --arch resnet-20 --label-smoothing 1', 2, '--label-smoothing is "1", but must be a number at least 0 and below 1.'],
  ['train --arch resnet-20 --data shape', 2, 'Did you mean shapes?'],
  ['train --arch resnet-20 --backend gpu', 2, '--backend is "gpu", but must be one of: auto, tensorflow-graph'],
  ['train --arch resnet-20 --mask synflow', 2, 'How many weights does --mask synflow keep? Give --density 10%'],
  ['train --arch resnet-20 --density 10%', 2, '--density is about zeros: say what chooses them, such as --mask synflow.'],
  ['train --arch resnet-20 --granularity kernel', 2, '--granularity is about zeros'],
  ['train --arch resnet-20 --mask synflow --density 0', 2, '--density is "0", but must be above 0 and at most 100%.'],
  ['train --arch resnet-20 --mask synflw --density 0.1', 2, 'Did you mean synflow?'],
  ['train --arch resnet-20 --mask synflow --density 0.1 --granularity kernels', 2, 'Did you mean kernel?'],
  ['train --from resnet-20 --mask synflow --density 0.1', 2, 'it cannot be given with --from'],
  ['train --resume', 2, 'There is no unfinished run in runs.'],
  ['train --resume nothing', 2, 'There is no run "nothing" in runs.'],
  ['train --resume --epochs 3', 2, '--resume goes on with a run as it was begun: --epochs cannot be given with it.'],
  ['bench inference --batch 0', 2, '--batch is "0", but must be a whole number of at least 1.'],
  ['bench inference --batch 1,x', 2, '--batch is "x", but must be a whole number of at least 1.'],
  ['bench inference --threads 1,', 2, '--threads is "", but must be a whole number of at least 1.'],
  ['bench inference --runtime tflit', 2, 'Did you mean tflite?'],
  ['bench inference --runtime gpu', 2, '--runtime names "gpu", but must be all, or some of: onnxruntime/cpu'],
  ['bench inference --arch resnet-21', 2, 'Did you mean resnet-20?'],
  ['bench inference --limit 0', 2, '--limit is "0", but must be a whole number of at least 1.'],
  ['bench sparse --density 0', 2, '--density is "0", but must be above 0 and at most 100%.'],
  ['bench sparse --from synflw', 2, 'Did you mean synflow?'],
  ['bench sparse --from grasp', 2, 'grasp looks at labelled images: name them with --data'],
  ['bench sparse --export net', 2, 'write --export net.onnx'],
  ['bench cost-model --profile none.json', 2, 'none.json. Make one with precrop profile'],
  ['bench cost-model --settings 0', 2, '--settings is "0", but must be a whole number of at least 1.'],
  ['profile --quick --deep', 2, '--quick and --deep contradict each other'],
  ['profile --arch resnet-21', 2, 'Did you mean resnet-20?'],
  ['profile --runtime gpu', 2, '--runtime names "gpu", but must be all, or some of: onnxruntime/cpu'],
  ['profile --threads 0', 2, '--threads is "0", but must be a whole number of at least 1.'],
  ['profile --limit 1', 2, '--limit is "1", but must be a whole number of at least 5.'],
  ['bench train-stp', 2, 'Unknown command "train-stp". Did you mean train-step?'],
];

test('every mistake ends in one sentence on stderr, a document with --json, and the documented exit code', () =>
  withFolder(async (cwd) => {
    const check = async ([line, code, sentence]: (typeof mistakes)[number]): Promise<void> => {
      const ran = await runPrecrop([...line.split(' '), '--json'], { cwd });
      assert.is(ran.code, code, line);
      assert.ok(ran.stderr.includes(sentence), `${line}: ${ran.stderr}`);
      assert.is(ran.stderr.trim().split('\n').length, 1, ran.stderr);
      const { command, error } = failureDocumentSchema.parse(JSON.parse(ran.stdout));
      assert.ok(line.startsWith(command) || command === 'precrop' || command === 'bench', command);
      assert.is(error.code, code === 3 ? 'budget-infeasible' : 'usage');
      assert.ok(error.message.includes(sentence), error.message);
    };
    for (let first = 0; first < mistakes.length; first += 4) await Promise.all(mistakes.slice(first, first + 4).map(check));
  }));

test('without --json a mistake leaves stdout empty', async () => {
  const { stdout, stderr } = await runPrecrop(['describe', 'resnet-21']);
  assert.is(stdout, '');
  assert.not.match(stderr, /\n {4}at /);
});

test('--verbose shows where it came from', async () => {
  const { stderr } = await runPrecrop(['describe', 'resnet-21', '--verbose']);
  assert.match(stderr, /\n {4}at /);
});

test('help: of the program and of every command, on stdout, with defaults and examples', async () => {
  const { code, stdout } = await runPrecrop(['--help']);
  assert.is(code, 0);
  const names = [...stdout.matchAll(/^ {2}([a-z]+)(?: <| {2,})/gm)].map(([, name]) => name as string);
  assert.equal(names, [
    'demo',
    'describe',
    'profile',
    'plan',
    'crop',
    'train',
    'export',
    'run',
    'import',
    'bench',
    'compare',
    'experiment',
    'doctor',
  ]);
  assert.match(stdout, '$ precrop crop resnet-20 --macs 25% -o crop.json');
  for (const name of [...names, 'bench train-step', 'bench inference', 'bench sparse', 'bench cost-model', 'experiment granularity']) {
    const help = await runPrecrop([...name.split(' '), '--help']);
    assert.is(help.code, 0);
    assert.match(help.stdout, `Usage: precrop ${name}`);
    assert.ok(help.stdout.split('\n').every((line) => line.length <= 100));
  }
  assert.match((await runPrecrop(['train', '--help'])).stdout, '(default: 128)');
});

test('no command: the help on stderr, exit code 2', async () => {
  for (const args of [[], ['bench'], ['experiment']]) {
    const { code, stdout, stderr } = await runPrecrop(args);
    assert.is(code, 2);
    assert.is(stdout, '');
    assert.match(stderr, 'Commands:');
    assert.match(stderr, 'Name a command:');
  }
});

test('--version', async () => {
  const { code, stdout } = await runPrecrop(['--version']);
  assert.is(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('a reader that leaves early is no failure', async () => {
  const child = spawn(process.execPath, [bin, 'describe', 'resnet-110', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.is(stderr, '');
  assert.is(code, 0);
});

test.run();
