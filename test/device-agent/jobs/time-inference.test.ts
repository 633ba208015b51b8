// @serial
import { availableParallelism } from 'node:os';
import { countUsableCores } from '@precrop/device-agent/host/usable-cores';
import { timeInference } from '@precrop/device-agent/jobs/time-inference';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const original = createArchitecture('resnet-20-w4');
const crop = createArchitecture('resnet-20-w2');

test('each network is timed in a runtime that is named, with the threads that it used', async () => {
  const phases: string[] = [];
  const context = createContext({ emit: (event) => event.type === 'phase' && phases.push(event.message ?? '') });
  const timed = await timeInference({ original, crop }, { batch: 2, runtimes: ['onnxruntime/cpu', 'tfjs/cpu'] }, context);
  for (const measured of [timed.original, timed.crop]) {
    // Plain JavaScript is a hundred times slower: whatever the machine does, it is not the fastest.
    assert.is(measured?.runtime, 'onnxruntime/cpu');
    assert.ok((measured?.threads ?? 0) >= 1);
    assert.is(measured?.batch, 2);
    assert.ok((measured?.samples.length ?? 0) >= 9);
  }
  assert.ok(phases.includes('original, inference, batch 2, onnxruntime/cpu'), phases.join('; '));
});

test('a runtime that cannot be used leaves the others; with none there is no timing', async () => {
  const elsewhere = process.platform === 'darwin' ? 'onnxruntime/dml' : 'onnxruntime/coreml';
  const timed = await timeInference({ crop }, { batch: 1, runtimes: [elsewhere, 'tfjs/cpu'] }, createContext());
  assert.is(timed.crop?.runtime, 'tfjs/cpu');
  assert.is(timed.crop?.threads, 1);
  assert.equal(await timeInference({ crop }, { batch: 1, runtimes: [elsewhere] }, createContext()), {});
});

test('cores that stand otherwise than when the network was planned make a timing noisy, which is shown all the same', async () => {
  const cores = { handshakeNs: 5, sharing: 1 }; // no two cores are so near
  const planned = { batch: 1, threads: countUsableCores(), cores };
  const { crop: measured } = await timeInference({ crop }, { batch: 1, runtimes: ['onnxruntime/cpu'], planned }, createContext());
  const isWatched = availableParallelism() === 2;
  assert.is(measured?.reasons.some((reason) => reason.includes('moved the cores')) ?? false, isWatched);
  if (isWatched) assert.is.not(measured?.verdict, 'valid');
  assert.ok((measured?.median ?? 0) > 0);
});

test('a planned network is timed on the threads that it was planned for, at the batch that it was planned for', async () => {
  const planned = { batch: 1, threads: 1, cores: null };
  for (const batch of [1, 2]) {
    const { crop: measured } = await timeInference({ crop }, { batch, runtimes: ['onnxruntime/cpu'], planned }, createContext());
    assert.is(measured?.threads, batch === 1 ? 1 : countUsableCores());
  }
});

test.run();
