import { probeApart } from '@precrop/device-agent/setup/probe-apart';
import { parseRuntimes, pickUsable } from '@precrop/device-agent/setup/probe-runtime';
import { createContext } from '@precrop/sdk/core/context';
import { listRuntimes } from '@precrop/sdk/runtimes/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const all = listRuntimes().map(({ name }) => name);

test('a runtime answers from a process of its own', async () => {
  const probe = await probeApart({ kind: 'runtime', name: 'tfjs/cpu' }, createContext());
  assert.is(probe.status, 'limited');
  assert.ok(probe.version);
});

test('one that does not answer in time is broken, and says after how long', async () => {
  const probe = await probeApart({ kind: 'runtime', name: 'tfjs/cpu' }, createContext(), 1);
  assert.equal(probe, { name: 'tfjs/cpu', status: 'broken', reason: 'It did not answer within 0.001 s, and was stopped.' });
});

test('an unknown name is absent', async () => {
  assert.is((await probeApart({ kind: 'runtime', name: 'none' }, createContext())).reason, 'There is no runtime "none".');
});

test('runtimes are written as all, by name or by family, and come in the order of preference, each once', () => {
  assert.equal(parseRuntimes('all'), all);
  assert.equal(parseRuntimes('tflite, onnxruntime/cpu,tflite'), ['onnxruntime/cpu', 'tflite']);
  assert.equal(
    parseRuntimes('tfjs'),
    all.filter((name) => name.startsWith('tfjs/')),
  );
  assert.throws(() => parseRuntimes('tflit'), /names "tflit", but must be all, or some of: .*Did you mean tflite\?/);
  assert.throws(() => parseRuntimes(''), /names ""/);
});

test('limited runtimes are used only where none is ready', () => {
  const of = (status: 'ready' | 'limited' | 'absent', name: string) => ({ name, status });
  const names = (...probes: ReturnType<typeof of>[]): string =>
    pickUsable(probes)
      .map(({ name }) => name)
      .join();
  assert.is(names(of('limited', 'a'), of('ready', 'b'), of('absent', 'c'), of('ready', 'd')), 'b,d');
  assert.is(names(of('limited', 'a'), of('absent', 'c')), 'a');
  assert.is(names(of('absent', 'c')), '');
});

test.run();
