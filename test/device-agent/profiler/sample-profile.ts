import type { DeviceProfile, EngineProfile } from '@precrop/sdk/cost/device-profile';
import { sampleHost } from './sample-host.js';

/** An engine of which nothing was timed. */
export const sampleEngine: EngineProfile = {
  engine: 'onnxruntime/cpu',
  version: 'ONNX Runtime 1.30.0',
  threads: 2,
  callMs: 0.01,
  baseBytes: 1,
  timings: [],
  memory: [],
};

/** A profile of the sample host. */
export const sampleProfile: DeviceProfile = {
  schemaVersion: 4,
  createdAt: '2026-01-01T00:00:00.000Z',
  seconds: 60,
  extent: 'default',
  deviceId: sampleHost.deviceId,
  device: 'Sample CPU, 2 cores, 8.0 GB',
  host: { ...sampleHost },
  machine: { peakGflops: 100, bandwidthGbPerS: 10, cores: { handshakeNs: 100, sharing: 1 } },
  inference: [sampleEngine],
  training: [],
  verdict: 'valid',
  reasons: [],
};
