import { parseCoreList, parseCoreTimes } from '@precrop/device-agent/measure/core-times';
import { createLoadWatch, type LoadSnapshot, leastLoadWindowMs, toLoad } from '@precrop/device-agent/measure/machine-load';
import { loadOwnCpuMs, parseProcessTicks } from '@precrop/device-agent/measure/process-cpu-time';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { near } from '../../support/near.js';

const zero: LoadSnapshot = { atMs: 0, totalMs: 5000, busyMs: 2000, stealMs: 100, ownMs: 700 };

/** Two cores that others and we keep busy from here on. */
const later = (from: LoadSnapshot, ms: number, { others = 0, own = 0, steal = 0 }): LoadSnapshot => ({
  atMs: from.atMs + ms,
  totalMs: from.totalMs + 2 * ms,
  busyMs: from.busyMs + 2 * ms * (others + own),
  stealMs: (from.stealMs ?? 0) + 2 * ms * steal,
  ownMs: from.ownMs + 2 * ms * own,
});

test('the share of others is what neither we nor idleness took', () => {
  const rng = createRng(4);
  for (let trial = 0; trial < 100; trial++) {
    const [others, own, steal] = [rng.uniform() * 0.4, rng.uniform() * 0.4, rng.uniform() * 0.2];
    const load = toLoad(zero, later(zero, 1000, { others, own, steal }));
    near(load?.othersShare ?? Number.NaN, others, 1e-9);
    near(load?.stealShare ?? Number.NaN, steal, 1e-9);
  }
});

test('our own work is no load', () => {
  near(toLoad(zero, later(zero, 1000, { own: 1 }))?.othersShare ?? Number.NaN, 0, 1e-9);
});

test('counters that disagree by a step give no negative share, and ones that stand still give none', () => {
  const after = later(zero, 1000, { own: 0.5 });
  assert.is(toLoad(zero, { ...after, ownMs: after.ownMs + 10 })?.othersShare, 0);
  assert.is(toLoad(zero, { ...zero, atMs: 1000 }), null);
  assert.is(toLoad(zero, { ...after, ownMs: zero.ownMs - 1 }), null, 'a process is gone, and its time with it');
  assert.is(toLoad(zero, { ...after, stealMs: null })?.stealShare, null);
});

/** A watch whose machine is at the load that is set. */
function createMachine() {
  let now = zero;
  const watch = createLoadWatch(async () => now);
  return {
    open: watch.open,
    pass(ms: number, load: { readonly others?: number; readonly own?: number }) {
      now = later(now, ms, load);
    },
  };
}

test('a long window is exactly what it spans', async () => {
  const { open, pass } = createMachine();
  pass(3000, { others: 1 });
  const close = await open();
  pass(2000, { others: 0.25, own: 0.5 });
  near((await close())?.othersShare ?? Number.NaN, 0.25, 1e-9);
});

test('a short window alone tells nothing, but in a row with others it does', async () => {
  const { open, pass } = createMachine();
  const shares: (number | null)[] = [];
  for (let network = 0; network < 40; network++) {
    const close = await open();
    pass(60, { others: network < 20 ? 0 : 0.5, own: 0.4 });
    shares.push((await close())?.othersShare ?? null);
    pass(10, {});
  }
  assert.is(shares[0], null);
  assert.is(shares[15], 0);
  assert.ok((shares[39] ?? 0) > 0.4, `${shares[39]}`);
  assert.ok(70 * shares.filter((share) => share === null).length <= leastLoadWindowMs + 70);
});

test('a window that a longer one encloses does not disturb it', async () => {
  const { open, pass } = createMachine();
  const closeOuter = await open();
  for (let inner = 0; inner < 30; inner++) {
    const close = await open();
    pass(100, { others: inner < 15 ? 1 : 0 });
    await close();
  }
  near((await closeOuter())?.othersShare ?? Number.NaN, 0.5, 1e-9);
});

test('counters that cannot be read give no load', async () => {
  const watch = createLoadWatch(async () => null);
  assert.is(await (await watch.open())(), null);
});

// In the order of proc_stat(5): user nice system idle iowait irq softirq steal guest guest_nice.
const procStat = `cpu  1000 200 300 4000 50 6 7 80 0 0
cpu0 100 20 30 400 5 1 2 8 0 0
cpu1 10 0 0 90 0 0 0 0 0 0
cpu8 1 1 1 1 1 1 1 1 0 0
intr 11873453 0 0
ctxt 99`;

test('the counters of Linux are summed over the cores that may be used', () => {
  assert.equal(parseCoreTimes(procStat, new Set([0])), { busyMs: 1530, stealMs: 80, totalMs: 5660 });
  assert.equal(parseCoreTimes(procStat, new Set([0, 1])), { busyMs: 1630, stealMs: 80, totalMs: 6660 });
  assert.equal(parseCoreTimes(procStat, null), { busyMs: 1680, stealMs: 90, totalMs: 6740 });
  assert.is(parseCoreTimes('', null), null);
  assert.is(parseCoreTimes('cpu  1 2 3', null), null);
});

test('the list of allowed cores', () => {
  assert.equal([...(parseCoreList('Name:\tnode\nCpus_allowed_list:\t0-2,8\nMems_allowed_list:\t0\n') ?? [])], [0, 1, 2, 8]);
  assert.is(parseCoreList('Name:\tnode\n'), null);
});

test('the time of a process and its ended children, whatever it is called', () => {
  const rest = 'S 3261 3261 1678 0 -1 4194304 99 0 0 0 12 3 40 5 20 0 1 0 1222713';
  assert.is(parseProcessTicks(`3264 (node) ${rest}`), 60);
  assert.is(parseProcessTicks(`3264 (a) 1 2 (b) ${rest}`), 60);
  assert.is(parseProcessTicks(''), null);
  assert.is(parseProcessTicks('3264 (node) S 1'), null);
});

test('the time of this process grows with its work', async () => {
  const before = (await loadOwnCpuMs([])) ?? Number.NaN;
  for (const end = process.cpuUsage().user + 100_000; process.cpuUsage().user < end; ) Math.sqrt(2);
  assert.ok(((await loadOwnCpuMs([])) ?? Number.NaN) >= before + 50);
});

test.run();
