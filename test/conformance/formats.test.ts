import { formatNames } from '@precrop/sdk/export/registry';
import { test } from 'uvu';
import { registerFormatTests } from './format-suite.js';

for (const name of formatNames) await registerFormatTests(test, name);

test.run();
