import { test } from 'uvu';
import { registerRuntimeTests } from './runtime-suite.js';

await registerRuntimeTests(test, 'tflite');

test.run();
