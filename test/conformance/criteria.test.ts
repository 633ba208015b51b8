import { createTensorflowGraphBackend } from '@precrop/sdk/backends/tensorflow-graph/backend';
import { createTfjsEagerBackend } from '@precrop/sdk/backends/tfjs-eager/backend';
import { criteria } from '@precrop/sdk/saliency/registry';
import { test } from 'uvu';
import { skip } from '../support/skip.js';
import { registerCriterionSuite } from './criteria-suite.js';

const graph = createTensorflowGraphBackend();
const probe = await graph.probe();
const isUsable = 'device' in probe;

if (!isUsable) skip(test, `${graph.name}: criteria`, probe.reason);
for (const criterion of criteria) registerCriterionSuite(test, criterion, isUsable ? graph : createTfjsEagerBackend({ device: 'wasm' }));

test.run();
