import { type ExtentPlan, extentPlans, selectNetworks } from '@precrop/device-agent/profiler/extents';
import type { Findings } from '@precrop/device-agent/profiler/findings';
import { fitTimings, toLeftOutErrors } from '@precrop/device-agent/profiler/fit-timings';
import { profileDevice } from '@precrop/device-agent/profiler/profile-device';
import { drawWidths, toNarrowest, toOriginal } from '@precrop/device-agent/profiler/random-widths';
import { toDeviceProfile } from '@precrop/device-agent/profiler/to-device-profile';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import type { PreCropError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { createCostModel } from '@precrop/sdk/cost/cost-model';
import { parseDeviceProfile } from '@precrop/sdk/cost/device-profile';
import { type Widths, withWidths } from '@precrop/sdk/ir/widths';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleHost } from './sample-host.js';
import { createSimulatedDevice, type SimulatedOptions, toMs } from './simulated-device.js';

const profile = async (plan: ExtentPlan, options: SimulatedOptions = {}) => {
  const device = createSimulatedDevice(options);
  const profiled = await profileDevice({ plan }, device.instruments, createContext({ clock: device.clock }));
  return { ...profiled, device };
};
const whole = await profile(extentPlans.default);
const short: ExtentPlan = { ...extentPlans.default, limitSeconds: 20 };
const setting = {
  extent: 'default',
  host: sampleHost,
  createdAt: new Date(0),
  steadiness: { verdict: 'valid', reasons: [] },
  cores: { handshakeNs: 100, sharing: 1 },
} as const;

test('a profile keeps to its time, holds all parts, ends its processes and reads back', async () => {
  for (const [extent, seconds, { findings, device }] of [
    ['quick', 15, await profile(extentPlans.quick)],
    ['default', 60, whole],
  ] as const) {
    assert.ok(device.clock() < 1000 * seconds, `${extent}: ${device.clock()} ms`);
    assert.ok(device.clock() > 0.6 * 1000 * seconds, `${extent}: ${device.clock()} ms, most of it unused`);
    assert.is(device.open(), 0);
    const made = toDeviceProfile(findings, { ...setting, extent });
    assert.equal(parseDeviceProfile(JSON.parse(JSON.stringify(made))), made);
    assert.is(made.verdict, 'valid');
    assert.is(made.inference[0]?.engine, 'fast');
    assert.ok((made.inference[0]?.timings.length ?? 0) > (extent === 'quick' ? 8 : 30), `${made.inference[0]?.timings.length}`);
    assert.ok((made.training[0]?.timings.length ?? 0) > (extent === 'quick' ? 3 : 15), `${made.training[0]?.timings.length}`);
    assert.ok((made.inference[0]?.memory.length ?? 0) >= 2);
    assert.ok((made.inference[0]?.baseBytes ?? 0) > 4e7);
  }
});

test('no network is timed twice, and both ends of the widths of the main ones are among them', () => {
  const timings = whole.findings.inference[0]?.timings ?? [];
  assert.is(new Set(timings.map(({ network, batch, widths }) => JSON.stringify([network, batch, widths]))).size, timings.length);
  for (const network of ['resnet-20', 'mobilenet-v2-x1.0-cifar', 'shufflenet-v2-x1.0-cifar', 'vgg-11']) {
    const own = timings.filter((timing) => timing.network === network);
    const base = createArchitecture(network);
    const isOneOf = (widths: Widths): boolean =>
      own.some((each) => JSON.stringify(each.widths) === JSON.stringify(Object.fromEntries(widths)));
    assert.ok(isOneOf(toOriginal(base)) && isOneOf(toNarrowest(base, 8)), network);
    assert.equal(new Set(own.map(({ batch }) => batch)), new Set([1, 8]), network);
  }
});

test('what it learned predicts networks that it did not see', () => {
  const { findings } = whole;
  const model = createCostModel(toDeviceProfile(findings, setting));
  const errors = ['resnet-20', 'vgg-11', 'mobilenet-v2-x1.0-cifar']
    .flatMap((name) =>
      Array.from({ length: 8 }, (_, index) => {
        const base = createArchitecture(name);
        const architecture = withWidths(base, drawWidths(base, 8, createRng(99).fork(name, index)));
        return Math.abs((model.inference[0]?.estimateMs(architecture, 8).value ?? 0) / toMs(architecture, 8, 'inference') - 1);
      }),
    )
    .sort((a, b) => a - b);
  assert.ok((errors[12] ?? 1) < 0.05, `median ${errors[12]}`);
  const errorsLeftOut = toLeftOutErrors(fitTimings(findings.inference[0] as never, findings.machine as never, 'inference'));
  assert.ok(errorsLeftOut && errorsLeftOut.median < 0.05);
});

test('runtimes that are not there are passed over, the fastest is taken wherever it stands, and a hopeless one is not asked for long', async () => {
  const { findings, device } = await profile(
    { ...short, limitSeconds: 40 },
    { runtimes: { gone: 1, slow: 2, fast: 1, hopeless: 20 }, absent: ['gone'] },
  );
  assert.equal(
    findings.inference.map(({ engine }) => engine),
    ['fast', 'slow', 'hopeless'],
  );
  assert.ok(device.timed.filter(({ engine }) => engine === 'hopeless').length <= 2);
});

test('the fewest threads that are about as fast as the best are taken', async () => {
  for (const [byThreads, chosen] of [
    [{ 1: 1.2, 2: 0.99, 4: 0.98, 8: 1 }, 2],
    [{ 1: 1.2, 2: 0.9, 4: 0.7, 8: 1 }, 4],
    [{ 1: 4, 2: 2, 4: 1.5, 8: 1 }, 8],
    [{ 1: 1 }, 1],
  ] as const) {
    const { findings, device } = await profile(extentPlans.default, { byThreads });
    assert.is(findings.inference[0]?.threads, chosen, JSON.stringify(byThreads));
    assert.is(device.open(), 0);
  }
});

test('without any runtime it ends in a sentence; without a trainer it goes on', async () => {
  const error: PreCropError = await profile(extentPlans.quick, { runtimes: { gone: 1, lost: 1 }, absent: ['gone', 'lost'] }).then(
    () => assert.unreachable('It went on.'),
    (reason) => reason,
  );
  assert.is(error.code, 'backend-unavailable');
  const { findings } = await profile(extentPlans.quick, { absent: ['trainer'] });
  assert.equal(findings.training, []);
  assert.is(toDeviceProfile(findings, setting).training.length, 0);
});

test('an interrupted profile has kept what was found, and goes on to the same end', async () => {
  const controller = new AbortController();
  const device = createSimulatedDevice({ onTiming: (count) => count === 20 && controller.abort() });
  let kept: Findings | undefined;
  const save = async (findings: Findings): Promise<void> => {
    kept = findings;
  };
  const plan = short;
  const error: PreCropError = await profileDevice(
    { plan, save },
    device.instruments,
    createContext({ clock: device.clock, signal: controller.signal }),
  ).then(
    () => assert.unreachable('It went on.'),
    (reason) => reason,
  );
  assert.is(error.code, 'cancelled');
  assert.is(device.open(), 0);
  const begin = kept as unknown as Findings;
  assert.ok(begin.seconds > 2 && (begin.inference[0]?.timings.length ?? 0) > 0);
  const next = createSimulatedDevice();
  const { findings } = await profileDevice({ plan, begin }, next.instruments, createContext({ clock: next.clock }));
  assert.ok(next.clock() + 1000 * begin.seconds < 20_000, `${next.clock()} ms after ${begin.seconds} s`);
  assert.equal(findings.inference[0]?.timings.slice(0, begin.inference[0]?.timings.length), begin.inference[0]?.timings);
  assert.is(findings.partsDone, plan.parts.length);
});

test('a noisy timing is taken once more; one that stays noisy says so; a device that is never left alone has no valid profile', async () => {
  const once = await profile(short, { verdict: (timing) => (timing === 15 ? 'invalid' : 'valid') });
  assert.ok(once.findings.inference[0]?.timings.every(({ verdict }) => verdict === 'valid'));
  const always = await profile(short, { verdict: () => 'invalid' });
  const made = toDeviceProfile(always.findings, setting);
  assert.is(made.verdict, 'invalid');
  assert.match(made.reasons[0] ?? '', /could not be timed well, the last because: Others were busy\./);
});

test('a deep one ends when it gets no better, and sooner with what there is when it is stopped', async () => {
  const plan = selectNetworks({ ...extentPlans.deep, parts: extentPlans.deep.parts.map((part) => ({ ...part, share: part.share / 8 })) }, [
    'resnet-20',
  ]);
  const device = createSimulatedDevice();
  const ended = await profileDevice({ plan }, device.instruments, createContext({ clock: device.clock }));
  assert.not(ended.wasStopped);
  const controller = new AbortController();
  const next = createSimulatedDevice({ onTiming: (count) => count === device.timed.length - 5 && controller.abort() });
  const stopped = await profileDevice({ plan }, next.instruments, createContext({ clock: next.clock, signal: controller.signal }));
  assert.ok(stopped.wasStopped);
  assert.ok((stopped.findings.inference[0]?.timings.length ?? 0) > 10);
});

test.run();
