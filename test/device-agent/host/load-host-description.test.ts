import { availableParallelism, hostname, totalmem } from 'node:os';
import { describeHost } from '@precrop/device-agent/host/describe-host';
import { loadHost, toHost } from '@precrop/device-agent/host/host';
import { loadHostDescription } from '@precrop/device-agent/host/load-host-description';
import { type HostDescription, hostDescriptionSchema } from '@precrop/device-agent/protocol/host-description';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findSecrets } from './find-secrets.js';

const description = await loadHostDescription();

test('the description of this machine is one by its schema, as JSON too', () => {
  assert.equal(hostDescriptionSchema.parse(JSON.parse(JSON.stringify(description))), description);
  const { memory, limits, cpu, versions } = description;
  assert.ok(memory.totalBytes <= totalmem() && memory.budgetBytes > 50e6 && memory.budgetBytes <= memory.totalBytes);
  assert.ok(limits.usableCores >= 1 && limits.usableCores <= availableParallelism());
  assert.ok(cpu.model.length > 2);
  assert.is(versions['node'], process.versions.node);
  assert.ok(versions['onnxruntime-node'] && versions['tfjs']);
});

test('nothing in it names a person, a host, a path or a serial', () => {
  assert.equal(findSecrets(description), []);
  assert.equal(findSecrets({ ...description, os: { ...description.os, distro: `at ${hostname()}` } }), [hostname().toLowerCase()]);
});

test('the device is the same at the next call, and another under a salt', async () => {
  const again = await loadHostDescription();
  assert.is(again.deviceId, description.deviceId);
  assert.is.not((await loadHostDescription({ salt: 'a fleet' })).deviceId, description.deviceId);
});

test('what every command says of the machine agrees with it', async () => {
  const { device, cpu, cores, memoryBytes } = await loadHost();
  const same = toHost(description);
  assert.equal([device, cpu, cores, memoryBytes], [same.device, same.cpu, same.cores, same.memoryBytes]);
});

test('the memory of a capped container is the cap, and a person is told', () => {
  const memory = { ...description.memory, limitBytes: 512e6, availableBytes: 400e6, budgetBytes: 400e6 };
  const caps = ['This process may use 512 MB of memory.'];
  const capped: HostDescription = { ...description, memory, limits: { ...description.limits, usableCores: 1, caps } };
  assert.is(toHost(capped).memoryBytes, 512e6);
  assert.match(toHost(capped).device, /, 1 core, 512 MB$/);
  assert.equal(
    describeHost(capped).filter(([name]) => name === 'Limit'),
    [['Limit', caps[0]]],
  );
});

test('lines for a person say what is known and leave out what is not', () => {
  const lines = new Map(describeHost(description));
  assert.ok(lines.get('Processor')?.includes(description.cpu.model));
  for (const line of lines.values()) assert.not.match(line, /null|undefined|NaN|, ,/);
  const unknown: HostDescription = {
    ...description,
    cpu: { ...description.cpu, caches: { l1dBytes: null, l1iBytes: null, l2Bytes: null, l3Bytes: null }, simd: null, physicalCores: null },
    gpus: [{ vendor: 'NVIDIA', model: 'GeForce RTX 3060', kind: 'discrete', vramBytes: 12e9 }],
    temperatureC: 61.4,
    power: { source: 'battery', batteryPercent: 63, isSaving: true, profile: 'low-power' },
  };
  const told = new Map(describeHost(unknown));
  assert.not(told.has('Caches'));
  assert.not(told.has('Instructions'));
  assert.is(told.get('Graphics'), 'NVIDIA GeForce RTX 3060, discrete, 12.0 GB');
  assert.is(told.get('Power'), 'battery 63 %, profile low-power, saving power, 61 °C');
});

test('the schema takes no unknown field, so none leaves by mistake', () => {
  assert.not(hostDescriptionSchema.safeParse({ ...description, hostname: 'x' }).success);
  assert.not(hostDescriptionSchema.safeParse({ ...description, cpu: { ...description.cpu, serial: 'x' } }).success);
});

test.run();
