// @serial
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { test } from 'uvu';
import { probeWebgpu } from '../support/probe-webgpu.js';
import { skip } from '../support/skip.js';
import { registerBackendSuite } from './backend-suite.js';

const backend = createTfjsEagerBackend({ device: 'webgpu' });
const probe = await probeWebgpu();
// WGSL allows a GPU 2.5 units in the last place for a division and 3 + 2 |x| for exp; a driver in software computes as C does.
if ('device' in probe) registerBackendSuite(test, backend, probe.status === 'ready' ? { goldenTolerance: 1e-4 } : {});
else skip(test, `${backend.name}: the conformance suite`, probe.reason);

test.run();
