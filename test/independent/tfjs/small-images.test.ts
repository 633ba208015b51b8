// @serial
import { test } from 'uvu';
import { createEveryOp } from '../../support/every-op.js';
import { listZoo } from '../../support/model-zoo.js';
import { registerPageTests } from './page-suite.js';

await registerPageTests(test, [
  { name: 'every op', architecture: createEveryOp() },
  { name: 'every op with odd pads', architecture: createEveryOp([0, 2, 1, 0], 'same') },
  { name: 'every op without padding', architecture: createEveryOp('valid') },
  ...listZoo().filter(({ architecture }) => architecture.input[0] <= 64),
]);

test.run();
