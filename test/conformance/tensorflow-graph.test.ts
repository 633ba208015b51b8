import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { test } from 'uvu';
import { skip } from '../support/skip.js';
import { registerBackendSuite } from './backend-suite.js';

const backend = createTensorflowGraphBackend();
const probe = await backend.probe();
if ('device' in probe) registerBackendSuite(test, backend);
else skip(test, `${backend.name}: the conformance suite`, probe.reason);

test.run();
