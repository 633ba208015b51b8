import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findOnPath, lastWords, runCommand } from '@precrop/device-agent/setup/run-command';
import { CancelledError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const node = process.execPath;

test('gives the exit code and what was said on both streams', async () => {
  const result = await runCommand(node, ['-e', 'console.log("out"); console.error("err"); process.exitCode = 3']);
  assert.is(result.code, 3);
  assert.is(result.stdout, 'out\n');
  assert.equal(result.output.split('\n').sort(), ['', 'err', 'out']);
});

test('a program that does not exist is a result', async () => {
  const { code, output } = await runCommand('no-such-program-here', []);
  assert.is(code, null);
  assert.match(output, /ENOENT/);
});

test('a program that ends by a signal tells which', async () => {
  const { code, signal } = await runCommand(node, ['-e', 'process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 60_000)']);
  assert.is(code, null);
  assert.is(signal, 'SIGKILL');
});

test('the signal ends the program before the promise settles', async () => {
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(), 50);
  const error = await runCommand(node, ['-e', 'setTimeout(() => {}, 60_000)'], { signal: cancel.signal }).catch(
    (reason: unknown) => reason,
  );
  assert.instance(error, CancelledError);
  const late = await runCommand(node, ['-e', ''], { signal: cancel.signal }).catch((reason: unknown) => reason);
  assert.instance(late, CancelledError);
});

test('a program is found in the first folder that has it and may run it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'precrop-path-'));
  try {
    await writeFile(join(folder, 'tool'), '');
    const variables = { PATH: ['/nowhere', folder].join(delimiter) };
    assert.is(findOnPath('tool', variables, 'linux'), undefined);
    await chmod(join(folder, 'tool'), 0o755);
    assert.is(findOnPath('tool', variables, 'linux'), join(folder, 'tool'));
    assert.is(findOnPath('tool', {}, 'linux'), undefined);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the last words of a log are its last lines that say something, on one line', () => {
  assert.is(lastWords('first\nsecond\n\n  third  \r\n\n', 2), 'second | third');
  assert.is(lastWords('\n\n'), 'it said nothing');
  assert.ok(lastWords('x'.repeat(10_000)).length <= 500);
});

test.run();
