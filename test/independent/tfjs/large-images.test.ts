// @serial
import { test } from 'uvu';
import { listZoo } from '../../support/model-zoo.js';
import { registerPageTests } from './page-suite.js';

await registerPageTests(
  test,
  listZoo().filter(({ architecture }) => architecture.input[0] > 64),
);

test.run();
