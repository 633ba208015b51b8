// @serial
import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { test } from 'uvu';
import { skip } from '../support/skip.js';
import { registerNetworkTests } from './networks-suite.js';

const eager = [createTfjsEagerBackend({ device: 'wasm' }), createTfjsEagerBackend({ device: 'cpu' })];
const graph = createTensorflowGraphBackend();
const probe = await graph.probe();
const isUsable = 'device' in probe;

if (!isUsable) skip(test, `${graph.name}: whole networks`, probe.reason);
registerNetworkTests(test, isUsable ? [graph, ...eager] : eager);

test.run();
