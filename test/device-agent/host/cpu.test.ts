import { parseCacheSize, readCaches, toCaches } from '@precrop/device-agent/host/caches';
import { parseClockOfModel, parseCpuinfoClock, readClock, toGovernor } from '@precrop/device-agent/host/clock';
import { toModel } from '@precrop/device-agent/host/cpu';
import { parseCpuinfoSimd, parseSysctlSimd } from '@precrop/device-agent/host/simd';
import { toVendor } from '@precrop/device-agent/host/vendor';
import { readIsVirtual } from '@precrop/device-agent/host/virtual-machine';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFrom } from './read-from.js';

// Shortened: the lines that matter, and some that must not.
const xeon = `processor\t: 0
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Platinum 8488C
cpu MHz\t\t: 2400.000
flags\t\t: fpu sse sse2 ssse3 fma cx16 sse4_1 sse4_2 avx f16c hypervisor avx2 avx512f avx512dq avx_vnni avx512_bf16 avx512_vnni avx512_fp16 amx_bf16 amx_tile amx_int8
vmx flags\t: vnmi preemption_timer
bugs\t\t: spectre_v1
`;
const ryzen =
  'processor\t: 0\ncpu MHz\t\t: 1400.000\nflags\t\t: fpu sse4_2 avx f16c fma avx2 sme sev\n\nprocessor\t: 1\ncpu MHz\t\t: 3893.412\nflags\t\t: fpu sse4_2 avx f16c fma avx2 sme sev\n';
const graviton =
  'processor\t: 0\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd evtstrm aes crc32 atomics fphp asimdhp asimddp sve i8mm bf16\nCPU part\t: 0xd40\n';
const pi =
  'processor\t: 0\nFeatures\t: half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm crc32\nSerial\t\t: 10000000deadbeef\n';
const m2 =
  'hw.optional.AdvSIMD: 1\nhw.optional.arm.FEAT_DotProd: 1\nhw.optional.arm.FEAT_FP16: 1\nhw.optional.arm.FEAT_I8MM: 1\nhw.optional.arm.FEAT_BF16: 1\nhw.optional.arm.FEAT_SME: 0\n';
const coreI7 =
  'hw.optional.sse4_2: 1\nhw.optional.avx1_0: 1\nhw.optional.avx2_0: 1\nhw.optional.f16c: 1\nhw.optional.fma: 1\nhw.optional.avx512f: 0\n';

test('instruction sets of Linux and macOS, on x86 and on ARM', () => {
  assert.equal(parseCpuinfoSimd(xeon), [
    ...['sse4.2', 'avx', 'f16c', 'fma', 'avx2', 'avx-vnni', 'avx512f', 'avx512-vnni', 'avx512-bf16', 'avx512-fp16', 'amx-int8', 'amx-bf16'],
  ]);
  assert.equal(parseCpuinfoSimd(ryzen), ['sse4.2', 'avx', 'f16c', 'fma', 'avx2'], "AMD's sme is no matrix extension");
  assert.equal(parseCpuinfoSimd(graviton), ['neon', 'dotprod', 'fp16', 'i8mm', 'bf16', 'sve']);
  assert.equal(parseCpuinfoSimd(pi), ['neon']);
  assert.equal(parseSysctlSimd(m2), ['neon', 'dotprod', 'fp16', 'i8mm', 'bf16']);
  assert.equal(parseSysctlSimd(coreI7), ['sse4.2', 'avx', 'f16c', 'fma', 'avx2']);
});

test('of cores that differ, what all of them have; nothing where nothing is told', () => {
  assert.equal(parseCpuinfoSimd('Features\t: asimd asimddp sve\n\nFeatures\t: asimd asimddp\n'), ['neon', 'dotprod']);
  for (const nothing of [null, '', 'processor : 0\n']) assert.is(parseCpuinfoSimd(nothing), null);
  assert.is(parseSysctlSimd('sysctl: unknown oid\n'), null);
});

const cache = (core: number, index: number, level: number, type: string, size: string): Record<string, string> => {
  const folder = `/sys/devices/system/cpu/cpu${core}/cache/index${index}`;
  return { [`${folder}/level`]: `${level}\n`, [`${folder}/type`]: `${type}\n`, [`${folder}/size`]: `${size}\n` };
};

test('caches as a fast core sees them', () => {
  const small = { ...cache(0, 0, 1, 'Data', '32K'), ...cache(0, 1, 1, 'Instruction', '32K'), ...cache(0, 2, 2, 'Unified', '128K') };
  const large = { ...cache(7, 0, 1, 'Data', '64K'), ...cache(7, 1, 1, 'Instruction', '64K'), ...cache(7, 2, 2, 'Unified', '512K') };
  const capacities = { '/sys/devices/system/cpu/cpu0/cpu_capacity': '430\n', '/sys/devices/system/cpu/cpu7/cpu_capacity': '1024\n' };
  const seen = readCaches(readFrom({ ...small, ...large, ...capacities, ...cache(7, 3, 3, 'Unified', '3M') }), 8);
  assert.equal(seen, { l1dBytes: 65536, l1iBytes: 65536, l2Bytes: 524288, l3Bytes: 3 * 2 ** 20 });
  assert.equal(readCaches(readFrom({ ...small, ...large }), 8), { l1dBytes: 32768, l1iBytes: 32768, l2Bytes: 131072, l3Bytes: null });
  assert.is(readCaches(readFrom({}), 8), null);
  for (const none of ['', 'K', '0K', null]) assert.is(parseCacheSize(none), null);
});

test('caches of systems that tell sums, or nothing', () => {
  const answer = { manufacturer: '', brand: '', physicalCores: 4, speed: 0, speedMax: 0 };
  const sums = { ...answer, cache: { l1d: 4 * 49152, l1i: 4 * 32768, l2: 4 * 1310720, l3: 12582912 } };
  assert.equal(toCaches(sums, 'win32'), { l1dBytes: 49152, l1iBytes: 32768, l2Bytes: 1310720, l3Bytes: 12582912 });
  assert.is(toCaches({ ...sums, cache: { ...sums.cache, l2: 4 * 1310720 + 2 ** 20 + 512 } }, 'win32').l2Bytes, null);
  const ofOne = { ...answer, cache: { l1d: 65536, l1i: 131072, l2: 4194304, l3: -1 } };
  assert.equal(toCaches(ofOne, 'darwin'), { l1dBytes: 65536, l1iBytes: 131072, l2Bytes: 4194304, l3Bytes: null });
  assert.equal(toCaches(undefined, 'darwin'), { l1dBytes: null, l1iBytes: null, l2Bytes: null, l3Bytes: null });
});

test('clocks and governors, of the fastest cluster of cores', () => {
  const folder = '/sys/devices/system/cpu/cpufreq';
  const files = {
    [`${folder}/policy0/scaling_cur_freq`]: '1000000\n',
    [`${folder}/policy0/cpuinfo_max_freq`]: '1800000\n',
    [`${folder}/policy0/scaling_governor`]: 'schedutil\n',
    [`${folder}/policy4/scaling_cur_freq`]: '2208000\n',
    [`${folder}/policy4/cpuinfo_max_freq`]: '2400000\n',
    [`${folder}/policy4/scaling_governor`]: 'schedutil\n',
  };
  const board = { model: 'Cortex-A76', coreMhz: [0], platform: 'linux', arch: 'arm64' };
  assert.equal(readClock(board, readFrom(files), ['policy0', 'policy4']), {
    baseMhz: null,
    currentMhz: 2208,
    maxMhz: 2400,
    governor: 'schedutil',
  });
  const xeonClock = { model: 'Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz', coreMhz: [2400], platform: 'linux', arch: 'x64' };
  assert.equal(readClock(xeonClock, readFrom({}), []), { baseMhz: 2400, currentMhz: 2400, maxMhz: null, governor: null });
  const apple = { model: 'Apple M2', coreMhz: [2400, 2400], platform: 'darwin', arch: 'arm64' };
  assert.equal(readClock(apple, readFrom({}), []), { baseMhz: null, currentMhz: null, maxMhz: null, governor: null });
  assert.is(readClock({ ...apple, platform: 'win32' }, readFrom({}), []).baseMhz, 2400);
  assert.is(parseCpuinfoClock(ryzen), 3893);
  assert.is(parseClockOfModel('AMD Ryzen 7 5800X 8-Core Processor'), null);
  assert.is(toGovernor(['powersave\n', 'performance\n', 'powersave\n', null]), 'performance, powersave');
  assert.is(toGovernor(['', null, 'No such file!']), null);
});

test('virtual machines', () => {
  assert.is(readIsVirtual(readFrom({ '/proc/cpuinfo': xeon })), true);
  assert.is(readIsVirtual(readFrom({ '/proc/cpuinfo': ryzen })), false);
  const arm = { '/proc/cpuinfo': graviton };
  assert.is(readIsVirtual(readFrom({ ...arm, '/sys/class/dmi/id/sys_vendor': 'QEMU\n' })), true);
  assert.is(readIsVirtual(readFrom({ ...arm, '/proc/device-tree/compatible': 'linux,dummy-virt\0' })), true);
  assert.is(readIsVirtual(readFrom({ ...arm, '/proc/device-tree/compatible': 'raspberrypi,4-model-b\0brcm,bcm2711\0' })), false);
  assert.is(readIsVirtual(readFrom(arm)), null);
});

test('names of processors and makers', () => {
  assert.is(toModel('AMD EPYC   7R13 Processor ', undefined), 'AMD EPYC 7R13 Processor');
  assert.is(toModel('unknown', { manufacturer: 'ARM', brand: 'Cortex-A72' }), 'ARM Cortex-A72');
  for (const [text, vendor] of [
    ['AuthenticAMD', 'AMD'],
    ['Advanced Micro Devices, Inc. [AMD/ATI]', 'AMD'],
    ['GenuineIntel', 'Intel'],
    ['Intel Corporation', 'Intel'],
    ['NVIDIA Corporation', 'NVIDIA'],
    ['Apple M2', 'Apple'],
    ['Neoverse-N1', 'ARM'],
    ['Broadcom', 'Broadcom'],
  ] as const) {
    assert.is(toVendor(text), vendor);
  }
  assert.is(toVendor('', undefined, 'Matrox G200'), null);
});

test.run();
