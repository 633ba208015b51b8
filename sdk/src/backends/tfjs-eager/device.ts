import { backend, getBackend, setBackend, version_core } from '@tensorflow/tfjs-core';
import type { Probe } from '../backend.js';

/** Where tfjs computes. */
export type TfjsDevice = 'cpu';

interface DeviceSpec {
  /** Registers the tfjs backend of that name and its kernels. */
  readonly load: () => Promise<unknown>;
  readonly probe: () => Probe;
}

const devices: { readonly [D in TfjsDevice]: DeviceSpec } = {
  cpu: {
    load: () => import('@tensorflow/tfjs-backend-cpu'),
    probe: () => ({
      status: 'limited',
      device: 'CPU, plain JavaScript',
      version: `tfjs ${version_core}`,
      reason: 'its kernels are plain JavaScript, far slower than native ones',
    }),
  },
};

/** What the device offers on this machine. */
export async function probeDevice(device: TfjsDevice): Promise<Probe> {
  try {
    await enterDevice(device);
    return devices[device].probe();
  } catch (error) {
    return { status: 'broken', reason: `tfjs cannot start its ${device} backend (${(error as Error).message})` };
  }
}

/** Makes the device the one that tfjs computes on, until something else is chosen: tfjs has one choice for the whole process. */
export async function enterDevice(device: TfjsDevice): Promise<void> {
  while (getBackend() !== device) {
    await devices[device].load();
    if (!(await setBackend(device))) throw new Error('it refuses to start');
    // On its first use in Node the cpu backend would print an advertisement for tfjs-node.
    Object.assign(backend(), { firstUse: false });
  }
}
