import { test } from 'uvu';
import { registerRuntimeTests } from './runtime-suite.js';

await registerRuntimeTests(test, 'sparse-wasm');

test.run();
