import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runTests } from '../support/run-all.js';
import { findForgottenSuites } from '../support/run-files.js';

interface Run {
  readonly code: number;
  readonly lines: readonly string[];
  readonly text: string;
}

const head = `import { suite } from '${import.meta.resolve('uvu')}';\nconst test = suite('fixture');\n`;
const passing = `${head}test('a', () => {});\ntest('b', () => {});\ntest.run();\n`;
const failing = `${head}test('a', () => {});\ntest('b', () => { throw new Error('two is not three'); });\ntest.run();\n`;

const test = suite('runner');
let root = '';

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'precrop-runner-'));
});
test.after.each(() => rmSync(root, { recursive: true, force: true }));

async function runFixtures(files: Readonly<Record<string, string>>, filters: readonly string[] = [], timeoutMs = 60_000): Promise<Run> {
  for (const [name, source] of Object.entries(files)) {
    for (const [folder, ending] of [
      ['src', '.test.ts'],
      ['dist', '.test.js'],
    ] as const) {
      const path = join(root, folder, name + ending);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, source);
    }
  }
  writeFileSync(join(root, 'dist', 'package.json'), '{ "type": "module" }');
  let text = '';
  const code = await runTests({
    sourceDir: join(root, 'src'),
    distDir: join(root, 'dist'),
    filters,
    timeoutMs,
    write: (part) => (text += part),
  });
  return { code, text, lines: text.trimEnd().split('\n') };
}

test('a passing file passes, and the closing line stands alone at the end', async () => {
  const run = await runFixtures({ 'sdk/good': passing });
  assert.is(run.code, 0);
  assert.match(run.lines[0] as string, /^ok {4}sdk\/good +2 passed/);
  assert.is(run.lines.at(-1), '2 passed, 0 failed, 0 skipped');
});

test('a failing test fails the run and shows its output', async () => {
  const run = await runFixtures({ good: passing, bad: failing });
  assert.is(run.code, 1);
  assert.match(run.text, 'two is not three');
  assert.is(run.lines.at(-1), '3 passed, 1 failed, 0 skipped');
});

test('a file that forgets .run() fails', async () => {
  const run = await runFixtures({ forgetful: passing.replace('test.run();', '') });
  assert.is(run.code, 1);
  assert.match(run.text, '"test" is never run; add test.run()');
  assert.is(run.lines.at(-1), '0 passed, 1 failed, 0 skipped');
});

test('a second suite that is never run fails the file, though the first one passes', async () => {
  const run = await runFixtures({ half: `${passing}const other = suite('other');\nother('c', () => {});\n` });
  assert.is(run.code, 1);
  assert.match(run.text, '"other" is never run');
});

test('a file that crashes, waits for nothing, exits early or holds no test fails', async () => {
  const cases: Readonly<Record<string, readonly [source: string, message: string]>> = {
    crash: ["throw new Error('no such library');\n", 'crashed with exit code 1'],
    unsettled: [`${head}test('a', () => new Promise(() => {}));\ntest.run();\n`, 'crashed with exit code 1'],
    abort: [`${head}test('a', () => process.abort());\ntest.run();\n`, 'was ended by SIGABRT'],
    quiet: [`${head}test('a', () => {});\ntest.run();\nprocess.exit(0);\n`, 'reported no test'],
    late: [`${passing}process.on('exit', () => { process.exitCode = 7; });\n`, 'ended with exit code 7'],
    empty: [`${head}test.run();\n`, 'holds no test'],
  };
  const run = await runFixtures(Object.fromEntries(Object.entries(cases).map(([name, [source]]) => [name, source])));
  assert.is(run.code, 1);
  for (const [name, [, message]] of Object.entries(cases)) {
    assert.ok(
      run.lines.some((line) => line.includes(`${name}.test.ts: `) && line.includes(message)),
      `${name} should say "${message}":\n${run.text}`,
    );
  }
  assert.match(run.lines.at(-1) as string, new RegExp(`, ${Object.keys(cases).length} failed, 0 skipped$`));
});

test('a file that does not end is ended, with the children that it started', async () => {
  const marker = join(root, 'alive');
  const child = `setTimeout(() => require('node:fs').writeFileSync(${JSON.stringify(marker)}, ''), 4000)`;
  const source = `${head}import { spawn } from 'node:child_process';
test('a', async () => {
  spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
  await new Promise((resolve) => setTimeout(resolve, 1e6));
});
test.run();\n`;
  const run = await runFixtures({ endless: source }, [], 1500);
  assert.is(run.code, 1);
  assert.match(run.text, 'still running after 1.5 s');
  await new Promise((resolve) => setTimeout(resolve, 4000));
  assert.not.ok(existsSync(marker), 'the child of the test must not outlive it');
});

test('skips show their reasons, and a skip without a reason fails', async () => {
  const helper = `import { skip } from '${new URL('../support/skip.js', import.meta.url).href}';\n`;
  const reasoned = `${helper}${head}test('a', () => {});\nskip(test, 'b', 'no GPU here');\ntest.run();\n`;
  const good = await runFixtures({ reasoned });
  assert.is(good.code, 0);
  assert.match(good.text, 'reasoned.test.ts: b: no GPU here');
  assert.is(good.lines.at(-1), '1 passed, 0 failed, 1 skipped');
  const bad = await runFixtures({ silent: passing.replace("test('b'", "test.skip('b'") }, ['silent']);
  assert.is(bad.code, 1);
  assert.match(bad.text, 'skipped without a reason');
  const only = await runFixtures({ focused: passing.replace("test('b'", "test.only('b'") }, ['focused']);
  assert.is(only.code, 1);
});

test('filters choose files, and a filter that chooses none fails', async () => {
  const files = { 'sdk/data/good': passing, 'sdk/ir/bad': failing };
  assert.is((await runFixtures(files, ['sdk/data'])).lines.at(-1), '2 passed, 0 failed, 0 skipped');
  assert.is((await runFixtures(files, ['test/sdk/data/good.test.ts'])).code, 0);
  const none = await runFixtures(files, ['sdk/dta']);
  assert.is(none.code, 1);
  assert.match(none.text, '"sdk/dta"');
  assert.is(none.lines.at(-1), '0 passed, 0 failed, 0 skipped');
});

test('a compiled test whose source is gone is deleted and not run', async () => {
  await runFixtures({ gone: failing, good: passing });
  rmSync(join(root, 'src', 'gone.test.ts'));
  const run = await runFixtures({ good: passing });
  assert.is(run.code, 0);
  assert.not.ok(existsSync(join(root, 'dist', 'gone.test.js')));
});

test('files that ask to be alone run last, one at a time', async () => {
  const log = join(root, 'log');
  const step = (name: string): string => `${head}import { appendFileSync } from 'node:fs';
test('a', async () => {
  appendFileSync(${JSON.stringify(log)}, '+${name} ');
  await new Promise((resolve) => setTimeout(resolve, 200));
  appendFileSync(${JSON.stringify(log)}, '-${name} ');
});
test.run();\n`;
  await runFixtures({ a: `// @serial\n${step('a')}`, b: `// @serial\n${step('b')}`, c: step('c') });
  assert.is(readFileSync(log, 'utf8').trim(), '+c -c +a -a +b -b');
});

test('forgotten suites are found whatever their name', () => {
  assert.equal(findForgottenSuites("import { test } from 'uvu';\ntest('a', () => {});"), ['test']);
  assert.equal(findForgottenSuites("const shapes = suite<Context>('shapes');\nconst cost: Test = suite('cost');\ncost.run();"), ['shapes']);
  assert.equal(findForgottenSuites("import { suite } from 'uvu';\nconst test = suite('a');\ntest.run();"), []);
});

test.run();
