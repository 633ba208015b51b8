import { cpus } from 'node:os';
import type { Probe } from '../backend.js';
import { loadBinding } from './binding.js';

/** Whether TensorFlow's native library can be used in this process. Loads it, with `threads` where this is the first loading. */
export function probeNativeLibrary(threads?: number): Probe {
  if (process.env['PRECROP_NATIVE'] === 'off')
    return { status: 'absent', reason: 'The native library is switched off (PRECROP_NATIVE=off).' };
  try {
    const { TF_Version: version } = loadBinding(threads);
    return { status: 'ready', device: cpus()[0]?.model.trim() ?? 'CPU', version: `TensorFlow ${version}` };
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    return { status: 'absent', reason: `The native library cannot be loaded: ${line.trim()}` };
  }
}
