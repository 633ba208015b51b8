import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findAddon } from '@precrop/device-agent/setup/addon-link';
import { createSetupHost } from '@precrop/device-agent/setup/setup-host';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';

const name = 'the pages of libtensorflow that only its loading needed are given back';
const addon = await findAddon(createSetupHost());
if (process.platform !== 'linux') skip(test, name, 'only on Linux');
else if (addon === undefined) skip(test, name, 'the native library is not set up');
else if (addon.how !== 'wheel') skip(test, name, "tfjs-node's own installer brought an addon without our part");
else
  test(name, async () => {
    const measure = `
      const { loadBinding } = await import('@precrop/sdk/backends/tensorflow-graph/binding');
      const { measureResidentMemory } = await import('@precrop/device-agent/measure/peak-rss');
      loadBinding();
      process.stdout.write(JSON.stringify(measureResidentMemory()));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', measure]);
    const { rssBytes, peakRssBytes } = JSON.parse(stdout) as { rssBytes: number; peakRssBytes: number };
    assert.ok(rssBytes < 0.6 * peakRssBytes, `${rssBytes} of ${peakRssBytes} bytes are still resident`);
  });

test.run();
