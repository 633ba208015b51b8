import { findGroupFolders } from '@precrop/device-agent/host/control-groups';
import { type GroupLimits, readGroupLimits } from '@precrop/device-agent/host/group-limits';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFrom } from './read-from.js';

const unified =
  '29 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n';
const none: GroupLimits = { memoryBytes: null, memoryLeftBytes: null, quotaCores: null };

test('of nested groups the least limit counts, wherever it stands', () => {
  const folders = ['/sys/fs/cgroup/a.slice/b.slice/c.scope', '/sys/fs/cgroup/a.slice/b.slice', '/sys/fs/cgroup/a.slice'];
  for (const [mebibytes, cores] of [
    [
      [512, 1024, 2048],
      [1.5, 2, 4],
    ],
    [
      [2048, 1024, 512],
      [4, 2, 1.5],
    ],
    [
      [2048, 512, 1024],
      [4, 1.5, 2],
    ],
  ] as const) {
    const files = folders.flatMap((folder, level) => [
      [`${folder}/memory.max`, `${(mebibytes[level] ?? 0) * 2 ** 20}\n`],
      [`${folder}/memory.current`, `${100 * 2 ** 20}\n`],
      [`${folder}/cpu.max`, `${(cores[level] ?? 0) * 100_000} 100000\n`],
    ]);
    const read = readFrom({
      ...Object.fromEntries(files),
      '/proc/self/cgroup': '0::/a.slice/b.slice/c.scope\n',
      '/proc/self/mountinfo': unified,
    });
    assert.equal(readGroupLimits(read), { memoryBytes: 512 * 2 ** 20, memoryLeftBytes: 412 * 2 ** 20, quotaCores: 1.5 });
  }
});

test('a container of version 2 with a limit of each kind, which sees itself as the root', () => {
  const read = readFrom({
    '/proc/self/cgroup': '0::/\n',
    '/proc/self/mountinfo': `1103 1089 0:105 / / rw,relatime - overlay overlay rw\n1110 1108 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n`,
    '/sys/fs/cgroup/memory.max': '536870912\n',
    '/sys/fs/cgroup/memory.high': 'max\n',
    '/sys/fs/cgroup/memory.current': '209715200\n',
    '/sys/fs/cgroup/memory.stat': 'anon 104857600\nfile 104857600\ninactive_file 73400320\nactive_file 31457280\n',
    '/sys/fs/cgroup/cpu.max': '50000 100000\n',
  });
  assert.equal(readGroupLimits(read), { memoryBytes: 536870912, memoryLeftBytes: 536870912 - 209715200 + 73400320, quotaCores: 0.5 });
});

test('what slows a process down is a limit too', () => {
  const files = {
    '/proc/self/cgroup': '0::/app\n',
    '/proc/self/mountinfo': unified,
    '/sys/fs/cgroup/app/memory.max': '2000000000\n',
    '/sys/fs/cgroup/app/memory.high': '1000000000\n',
  };
  assert.is(readGroupLimits(readFrom(files)).memoryBytes, 1_000_000_000);
});

test('a container of version 1 whose path is the one outside of it', () => {
  const id = '/docker/5f2c8e';
  const read = readFrom({
    '/proc/self/cgroup': `9:memory:${id}\n5:cpu,cpuacct:${id}\n1:name=systemd:${id}\n`,
    '/proc/self/mountinfo': `700 699 0:30 ${id} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n701 699 0:31 ${id} /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n`,
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '1073741824\n',
    '/sys/fs/cgroup/memory/memory.usage_in_bytes': '300000000\n',
    '/sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 100000000\n',
    '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '150000\n',
    '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
  });
  assert.equal(readGroupLimits(read), { memoryBytes: 2 ** 30, memoryLeftBytes: 2 ** 30 - 200_000_000, quotaCores: 1.5 });
});

test('a group that was made within a container', () => {
  const mounted = '700 699 0:30 /docker/5f2c8e /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory';
  assert.equal(findGroupFolders('memory', '9:memory:/docker/5f2c8e/inner\n', mounted)?.folders, [
    '/sys/fs/cgroup/memory/inner',
    '/sys/fs/cgroup/memory',
  ]);
});

test('both versions side by side: the controllers of version 1 are read there', () => {
  const cgroup = '4:memory:/app/one\n1:cpu:/\n0::/\n';
  const mountinfo = [
    '32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu',
    '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
  ].join('\n');
  assert.equal(findGroupFolders('memory', cgroup, mountinfo), {
    version: 1,
    folders: ['/sys/fs/cgroup/memory/app/one', '/sys/fs/cgroup/memory/app', '/sys/fs/cgroup/memory'],
  });
  assert.equal(findGroupFolders('cpu', cgroup, mountinfo)?.folders, ['/sys/fs/cgroup/cpu']);
  const unlimited = {
    '/proc/self/cgroup': cgroup,
    '/proc/self/mountinfo': mountinfo,
    '/sys/fs/cgroup/memory/app/one/memory.limit_in_bytes': '9223372036854771712\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  };
  assert.equal(readGroupLimits(readFrom(unlimited)), none);
});

test('a group outside of what is seen, and a folder with a blank in its name', () => {
  assert.equal(findGroupFolders('cpu', '0::/../../other\n', unified)?.folders, ['/sys/fs/cgroup']);
  const mounted = '29 22 0:26 / /mnt/my\\040groups rw - cgroup2 none rw\n';
  assert.equal(findGroupFolders('cpu', '0::/a\n', mounted)?.folders, ['/mnt/my groups/a', '/mnt/my groups']);
});

test('no limit where a system has no groups or says "max"', () => {
  assert.equal(readGroupLimits(readFrom({})), none);
  const files = { '/proc/self/cgroup': '0::/\n', '/proc/self/mountinfo': unified, '/sys/fs/cgroup/cpu.max': 'max 100000\n' };
  assert.equal(readGroupLimits(readFrom({ ...files, '/sys/fs/cgroup/memory.max': 'max\n' })), none);
});

test.run();
