import type { HostDescription } from '@precrop/device-agent/protocol/host-description';

/** A host that nobody has. */
export const sampleHost: HostDescription = {
  deviceId: '0123456789abcdef',
  deviceIdFrom: 'machine',
  cpu: {
    vendor: 'Sample',
    model: 'Sample CPU',
    physicalCores: 2,
    logicalCores: 2,
    caches: { l1dBytes: 32768, l1iBytes: 32768, l2Bytes: 1048576, l3Bytes: null },
    simd: ['avx2'],
    baseMhz: null,
    currentMhz: null,
    maxMhz: null,
    governor: null,
    isVirtual: false,
  },
  gpus: [],
  adapters: [],
  memory: { totalBytes: 8e9, availableBytes: 6e9, limitBytes: null, budgetBytes: 6e9 },
  limits: { container: null, quotaCores: null, allowedCores: null, usableCores: 2, caps: [] },
  os: { platform: 'linux', distro: 'Sample', release: '1', kernel: '6.1', arch: 'x64' },
  power: { source: 'mains', batteryPercent: null, isSaving: null, profile: null },
  temperatureC: null,
  versions: { node: '20.20.2', precrop: '0.1.0', 'onnxruntime-node': '1.30.0', tfjs: '4.22.0', libtensorflow: '2.21.0' },
};
