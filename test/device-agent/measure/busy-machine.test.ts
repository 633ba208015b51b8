// @serial
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { takeLoadSnapshot, watchLoad } from '@precrop/device-agent/measure/machine-load';
import { judge } from '@precrop/device-agent/measure/validity';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';

const name = 'programs that burn all cores are noticed, unless they are ours';
async function notice(): Promise<void> {
  const burners = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
  const pids = burners.flatMap(({ pid }) => (pid === undefined ? [] : [{ pid }]));
  try {
    const [closeOurs, closeOthers] = [await watchLoad(() => pids), await watchLoad(() => [])];
    await setTimeout(2000);
    const [ours, others] = [await closeOurs(), await closeOthers()];
    if (!ours || !others) return assert.unreachable('The load is not told.');
    assert.ok(others.othersShare > 0.3, `Others took ${others.othersShare}.`);
    assert.ok(others.othersShare - ours.othersShare > 0.25, `${others.othersShare} with, ${ours.othersShare} without.`);
    const { verdict, reasons } = judge(Array(20).fill(5), { load: others });
    assert.is(verdict, 'invalid');
    assert.match(reasons.join(), 'Other programs took');
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
  }
}

// asked about a process that says nothing of itself
if (await takeLoadSnapshot([{ pid: process.pid }])) test(name, notice);
else skip(test, name, 'this system does not tell what other processes do');

test.run();
