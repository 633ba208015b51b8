import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { test } from 'uvu';
import { registerBackendSuite } from './backend-suite.js';

registerBackendSuite(test, createTfjsEagerBackend({ device: 'wasm' }));

test.run();
