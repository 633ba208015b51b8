import { drawPareto, type ParetoPoint } from '@precrop/device-agent/report/charts/pareto';
import { type Box, type Labelled, placeLabels } from '@precrop/device-agent/report/charts/place-labels';
import { createComparison, parseComparison } from '@precrop/device-agent/report/compare/create-comparison';
import { toComparePage } from '@precrop/device-agent/report/compare/page';
import { findParetoFront } from '@precrop/device-agent/report/compare/pareto-front';
import { toCompareCells, toRuntimeLines } from '@precrop/device-agent/report/compare/text-table';
import { UsageError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import { formatMs } from '@precrop/sdk/core/units';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matchesGoldenChart } from '../golden.js';
import { syntheticCompared, syntheticComparison } from './synthetic-comparison.js';

const report = syntheticComparison();
const html = toComparePage(report);

const points: readonly ParetoPoint[] = report.results.flatMap(({ kind, source, equal, accuracy, inference: [time] }) =>
  time
    ? [
        {
          kind,
          label: equal ? `${source}, equal ${equal}` : (source ?? kind),
          x: time.median,
          xLow: time.p5,
          xHigh: time.p95,
          y: accuracy.mean,
          yLow: accuracy.least,
          yHigh: accuracy.most,
        },
      ]
    : [],
);
const axis = { label: 'Time of one image', format: formatMs };

test('of a Pareto front no member beats another, and every one left out is beaten by a member', () => {
  const rng = createRng(3);
  const all = Array.from({ length: 60 }, () => ({ x: rng.uniform(), y: rng.uniform() }));
  const front = findParetoFront(all);
  const beats = (a: { x: number; y: number }, b: { x: number; y: number }): boolean => a.x <= b.x && a.y >= b.y && (a.x < b.x || a.y > b.y);
  for (const one of front) assert.not.ok(front.some((other) => beats(other, one)));
  for (const one of all.filter((each) => !front.includes(each))) assert.ok(front.some((other) => beats(other, one)));
  assert.ok(front.length > 1 && front.length < all.length);
  assert.equal(
    findParetoFront([
      { x: 1, y: 1 },
      { x: 1, y: 1 },
    ]).length,
    2,
  );
});

test('labels that can be placed apart are, within the frame', () => {
  const frame: Box = { left: 40, right: 480, top: 0, bottom: 260 };
  const labels: readonly Labelled[] = [
    { x: 100, y: 100, text: 'one label' },
    { x: 110, y: 102, text: 'another one' },
    { x: 470, y: 50, text: 'at the right edge' },
    { x: 44, y: 200, text: 'at the left edge' },
  ];
  const placed = placeLabels(labels, frame);
  const boxes = placed.map(({ dx, dy, anchor }, index) => {
    const { x, y, text } = labels[index] as Labelled;
    const width = text.length * 6;
    const left = x + dx - { start: 0, middle: width / 2, end: width }[anchor];
    return { left, right: left + width, top: y + dy - 6, bottom: y + dy + 6 };
  });
  for (const [index, box] of boxes.entries()) {
    assert.ok(box.left >= frame.left - 8 && box.right <= frame.right + 8, labels[index]?.text);
    for (const other of boxes.slice(index + 1))
      assert.ok(box.right <= other.left || other.right <= box.left || box.bottom <= other.top || other.bottom <= box.top);
  }
  assert.is(placeLabels(labels.slice(0, 1), frame)[0]?.anchor, 'start', 'where there is room, to the right');
});

test('pareto is the reviewed picture', () => matchesGoldenChart('pareto', drawPareto(points, axis, 640)));

test('pareto tells the kinds apart by shape and by colour, and says what it shows', () => {
  const svg = drawPareto(points, axis, 480);
  for (const colour of ['--original', '--crop', '--sparse']) assert.match(svg, `var(${colour},`);
  const shapes = new Set([...svg.matchAll(/<path d="([^"]*Z)" transform/g)].map(([, path = '']) => path.replace(/[\d.,-]+/g, '')));
  const circles = /<circle /.test(svg) ? 1 : 0;
  assert.ok(shapes.size + circles >= 3, `${[...shapes]}`);
  assert.match(svg, /aria-label="Test accuracy against time of one image\. original: 90\.2 % at 0\.410 ms; /);
  assert.not.match(svg, /NaN|undefined|Infinity/);
  for (const width of [340, 860]) assert.match(drawPareto(points, axis, width), `viewBox="0 0 ${width} `);
});

test('pareto draws one point, and nothing without any', () => {
  assert.not.match(drawPareto(points.slice(0, 1), axis, 480), /NaN|undefined|Infinity/);
  assert.is(drawPareto([], axis, 480), '');
});

test('the page loads nothing, has both themes, and defines every colour that it names in each', () => {
  const own = html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '');
  assert.not.match(own, /https?:|\/\/[a-z]+\./i);
  assert.not.match(own, /\s(src|href|srcset|action|data|poster|background)\s*=/i);
  const named = new Set([...html.matchAll(/var\((--[a-z-]+)/g)].map(([, name]) => name));
  for (const name of named) assert.ok([...html.matchAll(new RegExp(`${name}: #`, 'g'))].length >= 3, `${name} lacks a theme`);
});

test('the table has a row a network, with times, runtimes and counts that follow from the raw data', () => {
  const data = parseComparison(JSON.parse(/id="report-data">(.*?)<\/script>/s.exec(html)?.[1] ?? ''));
  assert.equal(data, report);
  const table = /<div class="scroll wide">(.*?)<\/div>/s.exec(html)?.[1] ?? '';
  assert.is([...table.matchAll(/<th scope="row">/g)].length, report.results.length);
  for (const { inference } of data.results) {
    for (const { samples, runtime } of inference) {
      const sorted = samples.toSorted((a, b) => a - b);
      const median = ((sorted[14] ?? 0) + (sorted[15] ?? 0)) / 2;
      const shown = [...table.matchAll(/<td>([\d.]+)\u00a0ms<small>([^<]*)/g)]
        .filter(([, , name]) => name === runtime)
        .map(([, ms]) => Number(ms));
      assert.ok(
        shown.some((ms) => Math.abs(ms / median - 1) < 0.02),
        `${median}`,
      );
    }
  }
  assert.match(table, 'Crops with as many parameters as the sparse networks');
  assert.match(table, 'Crops with as many MACs as the sparse network of the same name');
});

test('a chart for each batch, one for parameters and one for MACs', () => {
  for (const title of ['latency, batch 1', 'latency, batch 8', 'latency, batch 128', 'parameters', 'MACs'])
    assert.match(html, `Accuracy against ${title}</h2>`);
});

test('a noisy time is marked, one that is missing is a dash, and text from outside cannot become markup', () => {
  const attack = '</script><script>alert(1)</script>';
  const compared = syntheticCompared();
  const results = compared.results.map((each, index) => ({
    ...each,
    architecture: attack,
    inference:
      index === 4 ? each.inference.slice(1) : each.inference.map((time) => ({ ...time, verdict: 'noisy' as const, reasons: [attack] })),
  }));
  const page = toComparePage(createComparison({ ...compared, results, leftOut: [{ id: attack, reason: attack }] }));
  assert.not.match(page, attack);
  assert.match(page, '<span class="doubt">noisy</span>');
  assert.match(page, '<td>–<small>nothing ran</small></td>');
});

test('for a terminal: a row a network, and which runtime the times are of', () => {
  const { titles, rows } = toCompareCells(report);
  assert.is(titles.length, 10);
  assert.equal(
    rows.map(([name]) => name),
    report.results.map(({ name }) => name),
  );
  assert.ok(rows.every((row) => row.length === titles.length));
  assert.is(
    toRuntimeLines(report)[0],
    'Fastest at batch 1: onnxruntime/cpu, 1 thread: original, synexp crop, equal parameters, synexp crop, equal MACs; sparse-wasm, 1 thread: synflow sparse, erk sparse.',
  );
});

test('a document that is no comparison is refused, with the place', () => {
  const broken = JSON.parse(JSON.stringify(report));
  broken.results[1].inference[0].blockSizes = [1];
  assert.throws(
    () => parseComparison(broken),
    (error: unknown) => error instanceof UsageError && error.message.includes('comparison.results.1.inference.0'),
  );
});

test.run();
