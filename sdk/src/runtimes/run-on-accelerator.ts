/** The process of `probeAccelerator`: runs a small network on a device and ends with exit code 0, or says on its output why it cannot. */
import { Tensor } from 'onnxruntime-node';
import { exportModel } from '../export/registry.js';
import type { Architecture } from '../ir/architecture.js';
import { toInference } from '../program/training-step.js';
import { createOnnxSession, type OnnxruntimeDevice, reasonOf } from './onnxruntime-session.js';

const architecture: Architecture = {
  name: 'probe',
  input: [8, 8, 3],
  classes: 2,
  nodes: [
    { op: 'conv', id: 'conv', inputs: ['input'], kernel: [3, 3], strides: [1, 1], padding: 'same', groups: 1, bias: true, outChannels: 8 },
    { op: 'relu', id: 'relu', inputs: ['conv'] },
    { op: 'global-avg-pool', id: 'pool', inputs: ['relu'] },
    { op: 'dense', id: 'dense', inputs: ['pool'], outChannels: 2, bias: true },
  ],
  output: 'dense',
};

try {
  const sizes = toInference(architecture).variables.map(
    ({ name, shape }) => [name, shape.reduce((size, extent) => size * extent, 1)] as const,
  );
  const weights = new Map(sizes.map(([name, size]) => [name, new Float32Array(size).fill(0.5)]));
  const { files } = await exportModel({ architecture, weights, metadata: {} }, 'onnx');
  const [bytes = new Uint8Array()] = files.values();
  const session = await createOnnxSession(bytes, process.argv[2] as OnnxruntimeDevice, 1);
  const images = new Tensor('float32', new Float32Array(8 * 8 * 3), [1, 3, 8, 8]);
  const logits = await session.run({ [session.inputNames[0] as string]: images });
  const values = Object.values(logits)[0]?.data as Float32Array;
  // Of a black image: 8 channels of 0.5, times 0.5, and 0.5 more.
  if (!values.every((value) => Math.abs(value - 2.5) < 0.01)) throw new Error(`It computes ${values.join(', ')} in place of 2.5.`);
  await session.release();
} catch (error) {
  process.stdout.write(reasonOf(error));
  process.exitCode = 1;
}
