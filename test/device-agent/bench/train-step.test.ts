// @serial
import { benchTrainStep } from '@precrop/device-agent/bench/train-step';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createContext } from '@precrop/sdk/core/context';
import type { PreCropError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';

const length = { leastRounds: 2, mostRounds: 2, budgetMs: 0, blockMs: 1 };
const bench = { architecture: createArchitecture('resnet-20-w2'), batch: 2, threads: 1, length };

const probe = await createTensorflowGraphBackend().probe();
if ('device' in probe) {
  test('both steps run in processes of their own and end in one document', async () => {
    const phases: string[] = [];
    const document = await benchTrainStep(bench, createContext({ emit: (event) => phases.push(event.type) }));
    jsonDocumentSchema.parse(JSON.parse(JSON.stringify(document)));
    for (const [name, value] of Object.entries(document.summary)) assert.ok(value > 0 && Number.isFinite(value), `${name} is ${value}`);
    for (const library of ['node', 'precrop', 'tensorflow', 'tfjs-layers']) assert.ok(document.conditions.versions[library], library);
    assert.is(document.conditions.threads, 1);
    assert.is.not(document.verdict, 'valid', 'six samples are too few');
    assert.ok(phases.includes('progress'));
  });

  test('cancelling ends it and its processes', async () => {
    const controller = new AbortController();
    const emit = (event: RunEvent): void => {
      if (event.type === 'phase' && event.message === 'ours') setTimeout(() => controller.abort(), 20);
    };
    const context = createContext({ signal: controller.signal, emit });
    const error: PreCropError = await benchTrainStep(
      { ...bench, length: { ...length, leastRounds: 1000, mostRounds: 1000 } },
      context,
    ).then(
      () => assert.unreachable('It went on.'),
      (reason) => reason,
    );
    assert.is(error.code, 'cancelled');
  });

  test('an architecture that tfjs-layers cannot hold ends in its sentence', async () => {
    const shuffled = { ...bench, architecture: createArchitecture('shufflenet-v2-x0.5', { inputSize: 64, classes: 10 }) };
    const error: PreCropError = await benchTrainStep(shuffled, createContext()).then(
      () => assert.unreachable('It ran.'),
      (reason) => reason,
    );
    assert.is(error.code, 'backend-unavailable');
    assert.match(error.message, /tfjs-layers has no layer/);
  });
} else skip(test, 'bench train-step', probe.reason);

test('a batch or a number of threads that cannot be is refused at once', async () => {
  for (const wrong of [{ batch: 0 }, { batch: 1.5 }, { threads: 0 }]) {
    const [name, value] = Object.entries(wrong)[0] as [string, number];
    const message = await benchTrainStep({ ...bench, ...wrong }, createContext()).then(
      () => '',
      (error: Error) => error.message,
    );
    assert.is(message, `The ${name} is ${value}, but must be a whole number of at least 1.`);
  }
});

test.run();
