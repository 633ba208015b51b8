import { benchCostModel } from '@precrop/device-agent/bench/cost-model';
import { type CostModelRow, createCostModelDocument } from '@precrop/device-agent/bench/cost-model-document';
import { drawSettings } from '@precrop/device-agent/bench/cost-model-settings';
import { toCostModelText } from '@precrop/device-agent/cli/show-cost-model';
import { toProfileText } from '@precrop/device-agent/cli/show-profile';
import { extentPlans } from '@precrop/device-agent/profiler/extents';
import { profileDevice } from '@precrop/device-agent/profiler/profile-device';
import { toDeviceProfile } from '@precrop/device-agent/profiler/to-device-profile';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createContext } from '@precrop/sdk/core/context';
import { createRng } from '@precrop/sdk/core/rng';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleHost } from '../profiler/sample-host.js';
import { createSimulatedDevice, type SimulatedOptions } from '../profiler/simulated-device.js';

const steady = { verdict: 'valid', reasons: [] } as const;
const conditions = {
  device: 'Sample',
  runtime: 'fast',
  runtimeUsed: 'fast',
  power: 'mains',
  versions: {},
  startedAt: '2026-01-01T00:00:00.000Z',
};
const device = createSimulatedDevice();
const { findings } = await profileDevice({ plan: extentPlans.quick }, device.instruments, createContext({ clock: device.clock }));
const profile = toDeviceProfile(findings, {
  extent: 'quick',
  host: sampleHost,
  createdAt: new Date(0),
  steadiness: steady,
  cores: { handshakeNs: 100, sharing: 1 },
});
const networks = ['resnet-20', 'vgg-11'];
const bench = { profile, networks, settings: 3, unaligned: 1 };
const run = async (options: SimulatedOptions = {}) => {
  const measured = await benchCostModel(bench, createSimulatedDevice(options).instruments, createContext());
  return createCostModelDocument({ ...measured, doubts: [], conditions });
};

test('every setting is measured as it was foretold, at each batch, and ends in one document', async () => {
  const document = await run();
  jsonDocumentSchema.parse(JSON.parse(JSON.stringify(document)));
  const count = (kind: string, isAligned: boolean): number =>
    document.results.filter((row) => row.kind === kind && row.isAligned === isAligned).length;
  assert.equal([count('latency', true), count('step', true), count('memory', true)], [12, 6, 6]);
  assert.equal([count('latency', false), count('step', false), count('memory', false)], [4, 2, 0]);
  const { summary } = document;
  assert.is(summary.settings, 8);
  for (const name of ['latencyMedianError', 'latencyP90Error', 'stepMedianError', 'stepP90Error', 'memoryP90Error', 'coverage'] as const)
    assert.type(summary[name], 'number', name);
  assert.ok((summary.latencyMedianError ?? 1) < 0.1, `${summary.latencyMedianError}`);
  for (const { error, predicted, measured } of document.results) assert.ok(Math.abs(error - (predicted / measured - 1)) < 1e-12);
  assert.match(toCostModelText(document, 100), /training step +all +6/);
});

test('a machine that is slower than in its profile shows in the networks of the profile, and is told apart from the model', async () => {
  const same = await run();
  assert.is(same.verdict, 'valid');
  for (const drift of [same.summary.latencyDrift, same.summary.stepDrift]) assert.ok(Math.abs((drift ?? 2) - 1) < 0.01, `${drift}`);
  const { summary, verdict, reasons } = await run({ runtimes: { fast: 1.15, slow: 3 } });
  assert.ok(Math.abs((summary.latencyDrift ?? 1) - 1.15) < 0.01, `${summary.latencyDrift}`);
  assert.ok((summary.latencyMedianError ?? 0) > 0.1, `${summary.latencyMedianError}`);
  assert.ok((summary.latencyMedianErrorAtSpeed ?? 1) < 0.05, `${summary.latencyMedianErrorAtSpeed}`);
  assert.is(summary.stepMedianErrorAtSpeed, same.summary.stepMedianErrorAtSpeed);
  assert.is(verdict, 'noisy');
  assert.match(
    reasons.join(),
    /^Inference of the profile's own networks took 1\.1\d times as long as in the profile: the machine is slower now/,
  );
});

test('settings are new to the profile, repeatable, and no two are equal', () => {
  const draw = (seed: number) => drawSettings(networks, { aligned: 10, unaligned: 5 }, profile, createRng(seed));
  const keys = draw(1).map(({ network, widths }) => JSON.stringify([network, ...widths]));
  assert.is(new Set(keys).size, 30);
  assert.equal(
    draw(1).map(({ widths }) => [...widths]),
    draw(1).map(({ widths }) => [...widths]),
  );
  const profiled = new Set(
    [...profile.inference, ...profile.training].flatMap(({ timings }) =>
      timings.map(({ network, widths }) => JSON.stringify([network, ...Object.entries(widths)])),
    ),
  );
  assert.ok(keys.every((key) => !profiled.has(key)));
});

test('figures are of what was measured well: invalid rows are left out and counted, and many make it noisy', async () => {
  const good: CostModelRow = {
    kind: 'latency',
    network: 'resnet-20',
    widths: {},
    isAligned: true,
    engine: 'fast',
    batch: 1,
    measured: 1,
    predicted: 1.25,
    low: 0.9,
    high: 1.3,
    error: 0.25,
    samples: [1],
    verdict: 'valid',
    reasons: [],
  };
  const bad: CostModelRow = { ...good, predicted: 9, low: 8, high: 10, error: 8, verdict: 'invalid' };
  const of = (rows: readonly CostModelRow[]) =>
    createCostModelDocument({ rows, drift: { latency: 1, step: null }, steadiness: steady, doubts: [], conditions });
  const one = of([...Array<CostModelRow>(19).fill(good), bad]);
  assert.equal([one.verdict, one.summary.latencyP90Error, one.summary.coverage, one.summary.invalidRows], ['valid', 0.25, 1, 1]);
  assert.is(of([good, bad]).verdict, 'noisy');
  assert.is(of([bad]).verdict, 'invalid');
  assert.is(of([good, { ...good, measured: 2 }]).summary.coverage, 0.5);
  assert.is(one.summary.stepMedianError, null);
});

test('a machine that is never left alone gives no figures', async () => {
  const document = await run({ verdict: () => 'invalid' });
  assert.is(document.summary.latencyMedianError, null);
  assert.is.not(document.verdict, 'valid');
});

test('the profile reads as a page', () => {
  const text = toProfileText(profile, { path: 'device.json' }, 120);
  for (const word of ['Device        Sample CPU, 2 cores', 'fast', 'trainer', 'GFLOP/s', 'Written to device.json'])
    assert.ok(text.includes(word), `${word} in\n${text}`);
});

test('a profile that did not replace a better one says so', () => {
  const text = toProfileText({ ...profile, verdict: 'invalid', reasons: ['Others were busy.'] }, { path: null, isKept: true }, 120);
  assert.match(text, /The profile is invalid:\nOthers were busy\.\nThe profile that this device had before is better and stays/);
  assert.not.match(text, /Written to/);
});

test.run();
