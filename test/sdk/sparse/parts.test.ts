import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createRng } from '@precrop/sdk/core/rng';
import { foldBatchNorm } from '@precrop/sdk/export/fold';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { arrange } from '@precrop/sdk/sparse/arrange';
import { countNonzeroMacs } from '@precrop/sdk/sparse/count-nonzero-macs';
import { planeBytes } from '@precrop/sdk/sparse/layout';
import { lowerModel } from '@precrop/sdk/sparse/lower-model';
import { measureMulAddGflops } from '@precrop/sdk/sparse/mul-add-rate';
import { createPace } from '@precrop/sdk/sparse/pace';
import { placeValues } from '@precrop/sdk/sparse/place';
import { type Share, shareOut } from '@precrop/sdk/sparse/share';
import { toSparseKernel } from '@precrop/sdk/sparse/sparse-kernel';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createEveryOp } from '../../support/every-op.js';
import { createModel } from '../../support/model-zoo.js';

const networks = [createEveryOp(), createArchitecture('resnet-20-w4'), createArchitecture('shufflenet-v2-x0.5-cifar')];

test('the compiled engine is what its sources compile to', () => {
  const root = dirname(fileURLToPath(import.meta.resolve('@precrop/sdk'))).replace(/dist$/, '');
  execFileSync(process.execPath, [join(root, 'build-engine-wasm.mjs'), '--check'], { stdio: 'pipe' });
});

test('values that are needed at the same time share no byte', () => {
  for (const architecture of networks) {
    for (const banded of [false, true]) {
      const arrangement = arrange(lowerModel(foldBatchNorm(createModel(architecture))), banded);
      const { offsets, regions, bytes } = placeValues(arrangement);
      arrangement.values.forEach(({ layout }, value) => {
        const region = regions.find((each) => each.layout === layout);
        const within = (offsets[value] as number) - (region?.begin ?? Number.NaN);
        assert.is(within % planeBytes(layout), 0, 'planes of a layout lie at multiples of their size');
      });
      const lives = arrangement.values.map(() => ({ from: Number.POSITIVE_INFINITY, to: -1 }));
      arrangement.steps.forEach((step, time) => {
        const read = [...step.inputs, ...(step.kind === 'conv' ? (step.residual ?? []) : [])].map(({ value }) => value);
        for (const value of [...read, ...(step.kind === 'unpack' ? [] : [step.output])]) {
          const life = lives[value] as (typeof lives)[number];
          life.from = Math.min(life.from, time);
          life.to = Math.max(life.to, time);
        }
      });
      const blocks = arrangement.values.map(({ channels, layout }, value) => {
        const begin = offsets[value] as number;
        return { begin, end: begin + channels * planeBytes(layout), ...(lives[value] as (typeof lives)[number]) };
      });
      blocks.forEach((a, index) => {
        assert.ok(a.end <= bytes, 'within the arena');
        for (const b of blocks.slice(index + 1)) {
          const apart = a.end <= b.begin || b.end <= a.begin || a.to < b.from || b.to < a.from;
          assert.ok(apart, `${architecture.name}: ${JSON.stringify([a, b])}`);
        }
      });
    }
  }
});

test('what can be fused is: a residual network is its convolutions, a mean and a dense layer', () => {
  const { ops } = lowerModel(foldBatchNorm(createModel(createArchitecture('resnet-20'))));
  const convolutions = createArchitecture('resnet-20').nodes.filter(({ op }) => op === 'conv').length;
  assert.is(ops.length, convolutions + 2);
  assert.is(ops.filter((op) => op.kind === 'conv' && op.residual).length, 9);
  assert.is(ops.filter((op) => op.kind === 'conv' && op.range[0] === 0).length, 19);
});

test('parts cover all rows of all channels once, and none is larger than an even one by more than a row or a channel', () => {
  const rng = createRng(2);
  const areaOf = ({ channels, rows }: Share, costs: readonly number[]): number =>
    (rows[1] - rows[0]) * costs.slice(...channels).reduce((sum, cost) => sum + cost, 0);
  for (let round = 0; round < 100; round++) {
    const costs = Array.from({ length: rng.integer(1, 40) }, () => rng.integer(1, 30));
    const [rows, width, threads] = [rng.integer(1, 12), rng.integer(1, 64), rng.integer(1, 6)];
    const [all, ...parts] = shareOut(costs, rows, width, threads);
    assert.equal(all, { channels: [0, costs.length], rows: [0, rows] });
    const whole = areaOf(all as Share, costs);
    if (parts.length === 0) {
      assert.ok(threads === 1 || whole * width < 2000, 'only small steps are left whole');
      continue;
    }
    assert.is(
      parts.reduce((sum, part) => sum + areaOf(part, costs), 0),
      whole,
    );
    parts.slice(1).forEach((part, index) => {
      const before = parts[index] as Share;
      assert.ok(part.rows[0] === before.rows[1] || part.channels[0] === before.channels[1], 'one begins where another ends');
    });
    const item = rows >= threads ? whole / rows : Math.max(...costs) * rows;
    for (const part of parts) assert.ok(areaOf(part, costs) <= whole / threads + item, `${JSON.stringify(part)} of ${rows} rows`);
  }
});

test('sharing a call and doing it alone are both tried, by their fastest calls, and the faster way is kept for a while', () => {
  const run = (ms: (shared: boolean, call: number) => number, calls: number): string => {
    const pace = createPace();
    return Array.from({ length: calls }, (_, call) => {
      const { shares } = pace;
      pace.note(ms(shares, call));
      return shares ? 's' : 'a';
    }).join('');
  };
  const slower = `ssssss${'a'.repeat(103)}`;
  assert.is(
    run((shared) => (shared ? 3 : 2), 2 * slower.length),
    slower.repeat(2),
  );
  const faster = `ssssssaaa${'s'.repeat(400)}`;
  assert.is(
    run((shared, call) => (shared ? 1 : 2) + (call % 5 === 0 ? 0 : 50), 2 * faster.length),
    faster.repeat(2),
  );
});

test('a sparse kernel holds the weights that are not zero, by output channel', () => {
  // [1, 2, 2, 2]: two places, two inputs, two outputs
  const kernel = toSparseKernel(Float32Array.of(0, 1, 2, 0, 0, 3, 4, 5), [2, 2, 2], 1, undefined);
  assert.equal([...kernel.ends], [2, 5]);
  assert.equal([...kernel.weights], [2, 4, 1, 3, 5]);
  assert.equal([...kernel.inputs], [1, 1, 0, 0, 1]);
  assert.equal([...kernel.places], [0, 1, 0, 1, 1]);
});

test('non-zero multiply-accumulates are all of them in a dense network, and fall with what is zero', () => {
  for (const architecture of networks) {
    const { weights } = createModel(architecture);
    assert.is(countNonzeroMacs({ architecture, weights }), countArchitecture(architecture).macs);
    const halved = new Map([...weights].map(([name, values]) => [name, values.map((value, index) => (index % 2 === 0 ? 0 : value))]));
    const share = countNonzeroMacs({ architecture, weights: halved }) / countArchitecture(architecture).macs;
    assert.ok(share > 0.48 && share < 0.52, `${share}`);
    const none = new Map([...weights].map(([name, values]) => [name, new Float32Array(values.length)]));
    assert.is(countNonzeroMacs({ architecture, weights: none }), 0);
  }
});

test('the rate of a plain loop is its work over the time of the fastest run', () => {
  // The begin; for each run whether there is time for it, its begin and its end; at last, that there is none.
  const times = [0, 0, 5, 10, 10, 12, 14, 14, 20, 30, 1000];
  assert.is(
    measureMulAddGflops(() => times.shift() ?? 1000),
    (20_000 * 96) / 2 / 1e6,
  );
  assert.ok(measureMulAddGflops() > 0.1);
});

test.run();
