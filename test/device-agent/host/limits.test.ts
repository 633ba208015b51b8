import { readContainer } from '@precrop/device-agent/host/container';
import { type LimitFacts, readAllowedCores, toLimits } from '@precrop/device-agent/host/limits';
import { type MemoryFacts, toMemory } from '@precrop/device-agent/host/memory';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFrom } from './read-from.js';

const free: LimitFacts = {
  logicalCores: 8,
  parallelism: 8,
  allowedCores: 8,
  quotaCores: null,
  totalBytes: 16e9,
  limitBytes: null,
  container: null,
};
const roomy: MemoryFacts = { totalBytes: 16e9, availableBytes: 9e9, groupBytes: null, groupLeftBytes: null, constrainedBytes: 0 };

test('the least of all caps counts, is at least one thread, and each in force is said', () => {
  assert.equal(toLimits(free), { container: null, quotaCores: null, allowedCores: 8, usableCores: 8, caps: [] });
  const capped = toLimits({ ...free, allowedCores: 4, quotaCores: 1.5, limitBytes: 512e6, container: 'docker' });
  assert.is(capped.usableCores, 1);
  assert.equal(capped.caps, [
    'This process may run on 4 of 8 cores.',
    'This process gets the time of 1.5 cores out of 8, a limit of its container.',
    'This process may use 512 MB of 16.0 GB of memory, a limit of its container.',
  ]);
  assert.is(toLimits({ ...free, quotaCores: 0.2 }).usableCores, 1);
  assert.is(toLimits({ ...free, parallelism: 3 }).usableCores, 3);
  assert.equal(toLimits({ ...free, quotaCores: 64, allowedCores: 128 }).caps, []);
  assert.is(toLimits({ ...free, allowedCores: 128 }).allowedCores, 8);
});

test('cores of a CPU set', () => {
  const status = (list: string): string => `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed_list:\t0\n`;
  for (const [list, count] of [
    ['0-1', 2],
    ['3', 1],
    ['0-3,8,10-11', 7],
  ] as const) {
    assert.is(readAllowedCores(readFrom({ '/proc/self/status': status(list) })), count);
  }
  assert.is(readAllowedCores(readFrom({})), null);
});

test('the budget is the least of what there is, what is free and what is allowed', () => {
  assert.equal(toMemory(roomy), { totalBytes: 16e9, availableBytes: 9e9, limitBytes: null, budgetBytes: 9e9 });
  const capped = toMemory({ ...roomy, groupBytes: 512e6, groupLeftBytes: 400e6 });
  assert.equal(capped, { totalBytes: 16e9, availableBytes: 400e6, limitBytes: 512e6, budgetBytes: 400e6 });
  assert.is(toMemory({ ...roomy, constrainedBytes: 2e9 }).budgetBytes, 2e9);
  // Node's and version 1's way to say that there is none
  assert.is(toMemory({ ...roomy, groupBytes: 32e9, groupLeftBytes: 31e9, constrainedBytes: 2 ** 64 }).limitBytes, null);
});

test('the kind of a container', () => {
  const kind = (files: Record<string, string>, variables: Record<string, string> = {}) =>
    readContainer({ read: readFrom(files), variables });
  assert.is(
    kind({ '/proc/self/cgroup': '0::/user.slice/user-1000.slice/session-2.scope\n', '/proc/sys/kernel/osrelease': '6.8.0-45-generic\n' }),
    null,
  );
  assert.is(kind({ '/.dockerenv': '' }), 'docker');
  assert.is(kind({ '/.dockerenv': '' }, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }), 'kubernetes');
  assert.is(kind({ '/run/.containerenv': 'engine="podman"' }), 'podman');
  assert.is(kind({}, { container: 'lxc' }), 'lxc');
  assert.is(kind({}, { container: 'a word of its own' }), 'other');
  assert.is(kind({ '/proc/self/cgroup': '5:cpu:/kubepods/burstable/pod12/3f\n' }), 'kubernetes');
  assert.is(kind({ '/proc/sys/kernel/osrelease': '5.15.153.1-microsoft-standard-WSL2\n' }), 'wsl');
});

test.run();
