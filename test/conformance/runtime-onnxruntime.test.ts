import { test } from 'uvu';
import { registerRuntimeTests } from './runtime-suite.js';

for (const device of ['cpu', 'coreml', 'dml', 'webgpu'])
  await registerRuntimeTests(test, `onnxruntime/${device}`, { slow: device !== 'cpu' });

test.run();
