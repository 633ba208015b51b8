import {
  createDocument,
  createFailureDocument,
  failureDocumentSchema,
  jsonDocumentSchema,
} from '@precrop/device-agent/protocol/json-document';
import { BackendError, BudgetError, CancelledError, toErrorData, UsageError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const document = createDocument({
  command: 'describe',
  conditions: {
    device: 'a CPU, 2 cores',
    runtime: 'none',
    runtimeUsed: 'none',
    power: 'mains',
    versions: { node: '20.0.0' },
    startedAt: new Date(0).toISOString(),
  },
  verdict: 'valid',
  reasons: [],
  summary: { params: 272_474, status: 'fits', accuracy: null },
  results: [{ id: 'stem' }],
});

test('a document survives JSON and its schema', () => {
  assert.equal(jsonDocumentSchema.parse(JSON.parse(JSON.stringify(document))), document);
  assert.is(document.schemaVersion, 1);
});

test('what is missing or wrong is refused', () => {
  for (const [field, value] of [
    ['verdict', 'good'],
    ['summary', { params: [1] }],
    ['conditions', { ...document.conditions, batch: 0 }],
    ['conditions', { ...document.conditions, hostname: 'h' }],
    ['schemaVersion', 2],
    ['command', undefined],
  ] as const) {
    assert.not(jsonDocumentSchema.safeParse({ ...document, [field]: value }).success, `${field} ${JSON.stringify(value)}`);
  }
});

test('errors of every family make a failure document', () => {
  for (const error of [
    new UsageError('a'),
    new BackendError('b'),
    new BudgetError('c', { details: { needs: 1 } }),
    new CancelledError(),
    new Error('d'),
  ]) {
    const failure = createFailureDocument('train', toErrorData(error));
    assert.equal(failureDocumentSchema.parse(JSON.parse(JSON.stringify(failure))), failure);
    assert.is(failure.error.message, error.message);
  }
});

test.run();
