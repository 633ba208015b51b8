import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { listBackends } from '@precrop/sdk/backends/registry';
import { listRuntimes } from '@precrop/sdk/runtimes/registry';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runPrecrop } from './run-precrop.js';

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly reason: string | null;
}

test('doctor: a row a backend and a runtime, a reason for each that is not ready, and one of each that is used', async () => {
  const { code, stdout } = await runPrecrop(['doctor', '--json']);
  assert.is(code, 0);
  const { summary, results } = jsonDocumentSchema.parse(JSON.parse(stdout));
  const rows = results as readonly Row[];
  const backends = rows.filter(({ kind }) => kind === 'backend');
  assert.equal(
    backends.map(({ name }) => name),
    listBackends().map(({ name }) => name),
  );
  const runtimes = rows.filter(({ kind }) => kind === 'runtime');
  assert.equal(
    runtimes.map(({ name }) => name),
    listRuntimes().map(({ name }) => name),
  );
  assert.is(summary['runtime'], runtimes.find(({ status }) => status === 'ready')?.name);
  for (const { status, reason } of rows) assert.ok(status === 'ready' || reason !== null);
  const used = backends.find(({ status }) => status === 'ready') ?? backends.find(({ status }) => status === 'limited');
  assert.is(summary['backend'], used?.name);
  assert.match(String(summary['deviceId']), /^[0-9a-f]{16}$/);
  assert.ok(Number(summary['usableCores']) >= 1 && Number(summary['memoryBytes']) > 50e6);
});

test('doctor: words for a person', async () => {
  const { code, stdout } = await runPrecrop(['doctor']);
  assert.is(code, 0);
  for (const { name } of [...listBackends(), ...listRuntimes()]) assert.ok(stdout.includes(name), name);
  assert.match(stdout, 'Used when nothing else is asked for:');
  const [first = ''] = stdout.split('\n');
  assert.match(first, /^Processor +\S/);
  for (const name of ['Memory', 'System', 'Power', 'Device id']) assert.match(stdout, new RegExp(`^${name} +\\S`, 'm'));
});

test.run();
