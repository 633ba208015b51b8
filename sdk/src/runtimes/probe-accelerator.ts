import { execFile } from 'node:child_process';
import { listSupportedBackends } from 'onnxruntime-node';
import type { Probe } from '../backends/backend.js';
import type { OnnxruntimeDevice } from './onnxruntime-session.js';

/** A driver that hangs must not hang its asker. Compiling the first shaders takes some seconds. */
const patienceMs = 30_000;

const known = new Map<OnnxruntimeDevice, Promise<Probe>>();

/**
 * Whether ONNX Runtime can compute on an accelerator: a small network runs there, in a process of its own, since drivers crash and hang.
 * Asked once a process.
 */
export function probeAccelerator(device: OnnxruntimeDevice, version: string): Promise<Probe> {
  const probe = known.get(device) ?? ask(device, version);
  known.set(device, probe);
  return probe;
}

function ask(device: OnnxruntimeDevice, version: string): Promise<Probe> {
  if (!listSupportedBackends().some(({ name, bundled }) => name === device && bundled)) {
    const reason = `The package onnxruntime-node has no ${device} for ${process.platform} on ${process.arch}.`;
    return Promise.resolve({ status: 'absent', reason });
  }
  return new Promise((resolve) => {
    const script = `${import.meta.dirname}/run-on-accelerator.js`;
    const options = { timeout: patienceMs, killSignal: 'SIGKILL', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } } as const;
    execFile(process.execPath, [script, device], options, (error, stdout) => {
      if (!error) resolve({ status: 'ready', device, version });
      else if (error.killed) resolve({ status: 'broken', reason: `It did not answer within ${patienceMs / 1000} s.` });
      else
        resolve({
          status: 'absent',
          reason: stdout.trim() || `The process that tried it ended with ${error.signal ?? `exit code ${error.code}`}.`,
        });
    });
  });
}
