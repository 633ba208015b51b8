import type { Backend } from '@precrop/sdk/backends/backend';
import type { Test } from 'uvu';
import { registerExecutableTests } from './executable-suite.js';
import { registerMaskedTrainingTests } from './masked-training-suite.js';
import { type PrimitiveTestOptions, registerPrimitiveTests } from './primitives-suite.js';
import { registerUpdateTests } from './updates-suite.js';

/** Registers the tests that every backend passes: primitives and gradients, updates, training under masks, and what an executable promises. */
export function registerBackendSuite(test: Test, backend: Backend, options: PrimitiveTestOptions = {}): void {
  registerExecutableTests(test, backend);
  registerUpdateTests(test, backend);
  registerMaskedTrainingTests(test, backend);
  registerPrimitiveTests(test, backend, options);
}
