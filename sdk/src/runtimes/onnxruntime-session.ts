import { env, InferenceSession } from 'onnxruntime-node';
import { firstLineOf } from './image-session.js';

/** Where ONNX Runtime computes. */
export type OnnxruntimeDevice = 'cpu' | 'coreml' | 'dml' | 'webgpu';

// What it has to say comes as errors, too: nothing is printed.
env.logLevel = 'fatal';

/** @throws whatever ONNX Runtime says of a file that it cannot read, or a device that it cannot use. */
export function createOnnxSession(bytes: Uint8Array, device: OnnxruntimeDevice, threads: number): Promise<InferenceSession> {
  return InferenceSession.create(bytes, {
    executionProviders: [device],
    intraOpNumThreads: threads,
    executionMode: 'sequential', // these networks have few branches
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
  });
}

/** What it said, without the place in its code where it did. */
export function reasonOf(error: unknown): string {
  return firstLineOf(error).replace(/^\S+\.(cc|h):\d+ .* was false\. /, '');
}
