import { toGpuKind } from '@precrop/device-agent/host/gpu-kind';
import { type DriverAnswers, parseNvidiaSmi, toGpus } from '@precrop/device-agent/host/gpus';
import { joinAdapters } from '@precrop/device-agent/host/join-adapters';
import type { GpuDescription, HostDescription } from '@precrop/device-agent/protocol/host-description';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const noDrivers: DriverAnswers = { nvidia: [], amdVramBytes: new Map() };
const rtx: GpuDescription = { vendor: 'NVIDIA', model: 'NVIDIA GeForce RTX 3060', kind: 'discrete', vramBytes: 12288 * 2 ** 20 };
const iris: GpuDescription = { vendor: 'Intel', model: 'Intel(R) Iris(R) Xe Graphics', kind: 'integrated', vramBytes: null };

test('memory that is shared with the machine is never a GPU’s own', () => {
  const controllers = [
    { vendor: 'Intel Corporation', model: 'Intel(R) Iris(R) Xe Graphics', vram: 1024 },
    { vendor: 'Apple', model: 'Apple M2', vram: 16384 },
    { vendor: 'Advanced Micro Devices, Inc.', model: 'AMD Radeon(TM) Graphics', vram: 512 },
    { vendor: 'Some maker', model: 'Some thing', vram: 2048 },
  ];
  for (const platform of ['win32', 'darwin', 'linux']) {
    for (const { model, vramBytes } of toGpus(controllers, noDrivers, platform)) assert.is(vramBytes, null, model);
  }
});

test('a card’s own memory where its driver tells it, and not where a number may be cut off or is another thing', () => {
  const radeon = {
    vendor: 'Advanced Micro Devices, Inc. [AMD/ATI]',
    model: 'Navi 21 [Radeon RX 6800 XT]',
    vram: 256,
    busAddress: '03:00.0',
  };
  assert.is(toGpus([radeon], noDrivers, 'linux')[0]?.vramBytes, null, 'lspci tells the size of a window');
  const drivers = {
    ...noDrivers,
    amdVramBytes: new Map([
      ['0000:0b:00.0', 1],
      ['0000:03:00.0', 16 * 2 ** 30],
    ]),
  };
  assert.is(toGpus([radeon], drivers, 'linux')[0]?.vramBytes, 16 * 2 ** 30);
  const windows = { vendor: 'NVIDIA', model: 'NVIDIA GeForce RTX 3060', vram: 4095 };
  assert.is(toGpus([windows], noDrivers, 'win32')[0]?.vramBytes, null, '32 bits that overflow');
  assert.is(toGpus([{ ...windows, vram: 12288 }], noDrivers, 'win32')[0]?.vramBytes, 12288 * 2 ** 20);
});

test('each GPU once: the driver’s list takes the place of what the bus says', () => {
  const nvidia = parseNvidiaSmi('NVIDIA GeForce RTX 3060, 12288\n');
  assert.equal(nvidia, [rtx]);
  const listed = [
    { vendor: 'NVIDIA Corporation', model: 'GA106 [GeForce RTX 3060]', vram: 256 },
    { vendor: 'Intel Corporation', model: 'Intel(R) Iris(R) Xe Graphics', vram: null },
  ];
  assert.equal(toGpus(listed, { ...noDrivers, nvidia }, 'linux'), [rtx, iris]);
  assert.equal(toGpus([], { ...noDrivers, nvidia }, 'linux'), [rtx]);
  assert.equal(parseNvidiaSmi('NVIDIA GB10, [N/A]\n'), [{ vendor: 'NVIDIA', model: 'NVIDIA GB10', kind: 'integrated', vramBytes: null }]);
  assert.equal(parseNvidiaSmi("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n"), []);
  assert.equal(parseNvidiaSmi(null), []);
});

test('what is a card and what is a part of the processor', () => {
  for (const [vendor, model, kind] of [
    ['NVIDIA', 'NVIDIA H100 80GB HBM3', 'discrete'],
    ['NVIDIA', 'Orin (nvgpu)', 'integrated'],
    ['Intel', 'Intel(R) UHD Graphics 770', 'integrated'],
    ['Intel', 'Intel(R) Arc(TM) Graphics', 'integrated'],
    ['Intel', 'Intel(R) Arc(TM) 140V GPU', 'integrated'],
    ['Intel', 'Intel(R) Arc(TM) A770 Graphics', 'discrete'],
    ['Intel', 'Intel(R) Arc(TM) B580 Graphics', 'discrete'],
    ['AMD', 'AMD Radeon RX 7900 XTX', 'discrete'],
    ['AMD', 'Navi 31 [Radeon RX 7900 XT/7900 XTX]', 'discrete'],
    ['AMD', 'AMD Radeon 780M Graphics', 'integrated'],
    ['AMD', 'AMD Radeon(TM) Vega 8 Graphics', 'integrated'],
    ['AMD', 'Cezanne [Radeon Vega Series / Radeon Vega Mobile Series]', 'integrated'],
    ['AMD', 'Vega 10 XL/XT [Radeon RX Vega 56/64]', 'discrete'],
    ['Apple', 'Apple M3 Max', 'integrated'],
    ['Broadcom', 'V3D 4.2', 'integrated'],
    [null, 'VMware SVGA 3D', 'virtual'],
    [null, 'Microsoft Basic Display Adapter', 'virtual'],
    [null, 'Virtio 1.0 GPU', 'virtual'],
    [null, 'ASPEED Graphics Family', null],
  ] as const) {
    assert.is(toGpuKind(vendor, model), kind, model);
  }
});

const withGpus = (gpus: readonly GpuDescription[]): HostDescription => ({ gpus, adapters: [] }) as unknown as HostDescription;
const adaptersOf = (gpus: readonly GpuDescription[], device: string, name = 'tfjs/webgpu') =>
  joinAdapters(withGpus(gpus), [{ name, status: 'ready', device }]).adapters;

test('the adapter that was asked for and the one that answered', () => {
  assert.equal(adaptersOf([iris, rtx], 'nvidia ampere'), [
    { runtime: 'tfjs/webgpu', requested: rtx.model, used: 'nvidia ampere', usedModel: rtx.model, isSoftware: false },
  ]);
  assert.is(adaptersOf([iris, rtx], 'Intel(R) Iris(R) Xe Graphics')[0]?.usedModel, iris.model);
  assert.equal(adaptersOf([iris], 'SwiftShader driver 5.0.0'), [
    { runtime: 'tfjs/webgpu', requested: iris.model, used: 'SwiftShader driver 5.0.0', usedModel: null, isSoftware: true },
  ]);
});

test('an adapter is not taken for one of several that it may be', () => {
  assert.is(adaptersOf([rtx, { ...rtx, model: 'NVIDIA GeForce RTX 4090' }], 'nvidia')[0]?.usedModel, null);
  assert.is(adaptersOf([rtx, iris], 'webgpu', 'onnxruntime/webgpu')[0]?.usedModel, null);
  assert.is(adaptersOf([rtx], 'webgpu', 'onnxruntime/webgpu')[0]?.usedModel, rtx.model);
  assert.is(adaptersOf([], 'nvidia')[0]?.requested, null);
});

test('only what answered and computes on graphics is an adapter', () => {
  const joined = joinAdapters(withGpus([rtx]), [
    { name: 'onnxruntime/cpu', status: 'ready', device: 'AMD EPYC' },
    { name: 'onnxruntime/webgpu', status: 'absent' },
    { name: 'tfjs-eager/webgpu', status: 'limited', device: 'llvmpipe' },
  ]);
  assert.equal(
    joined.adapters.map(({ runtime, isSoftware }) => [runtime, isSoftware]),
    [['tfjs-eager/webgpu', true]],
  );
});

test.run();
