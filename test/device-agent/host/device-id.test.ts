import { type DeviceIdentity, toDeviceId } from '@precrop/device-agent/host/device-id';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const machineId = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const facts = ['AMD EPYC', '8 cores', '32 GiB', 'linux', 'x64'];
const device: DeviceIdentity = { machineId, isContainer: false, facts };
const idOf = (changes: Partial<DeviceIdentity>, salt?: string): string => toDeviceId({ ...device, ...changes }, salt).deviceId;

test('the same device has the same id, another has another', () => {
  assert.match(idOf({}), /^[0-9a-f]{16}$/);
  assert.is(idOf({ machineId: `${machineId.toUpperCase()}\n` }), idOf({}));
  assert.is(idOf({ facts: ['more memory'] }), idOf({}), 'a part may be changed');
  assert.is.not(idOf({ machineId: machineId.replace('f', 'e') }), idOf({}));
  assert.equal(toDeviceId(device).deviceIdFrom, 'machine');
});

test('nothing of what it is made of is in it, and a salt makes another of it', () => {
  assert.not(machineId.includes(idOf({}).slice(0, 6)));
  assert.is.not(idOf({}, 'fleet one'), idOf({}));
  assert.is.not(idOf({}, 'fleet one'), idOf({}, 'fleet two'));
});

test('containers of one image on different machines differ', () => {
  assert.is.not(idOf({ isContainer: true }), idOf({ isContainer: true, facts: ['Intel Xeon', ...facts.slice(1)] }));
});

test('a board without an id of its own is known by what it is', () => {
  const unnamed = [null, '', '  ', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  for (const none of [...unnamed, '03000200-0400-0500-0006-000700080009', 'uninitialized']) {
    const { deviceId, deviceIdFrom } = toDeviceId({ ...device, machineId: none });
    assert.is(deviceIdFrom, 'facts', `${none}`);
    assert.is(deviceId, idOf({ machineId: null }));
  }
  assert.is.not(idOf({ machineId: null }), idOf({ machineId: null, facts: [...facts.slice(0, 1), '16 cores', ...facts.slice(2)] }));
});

test.run();
