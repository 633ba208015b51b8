import { createReport } from '@precrop/device-agent/report/create-report';
import { toTextTable } from '@precrop/device-agent/report/table';
import { test } from 'uvu';
import { is, match, ok } from 'uvu/assert';
import { syntheticConditions, syntheticReport } from './synthetic-report.js';

const report = syntheticReport();
const [original, crop] = report.results;
const table = toTextTable(report);

test('every row of the table is as long as its head, and fits 80 columns', () => {
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n');
  ok(rows.length > 8);
  for (const row of rows) is(row.length, rows[0]?.length);
  ok((rows[0]?.length ?? 99) <= 80);
});

test('a row has both values and the ratio', () => {
  match(table, /Training step +\d+ ms +[\d.]+ ms +0\.40 \(2\.5x less\)/);
  match(table, /Test accuracy +77\.6 % +73\.3 % +-4\.4 points/);
  match(table, /Parameters +272 k +69\.0 k +0\.25 \(3\.9x less\)/);
});

test('more is called more', () => match(toTextTable(syntheticReport({ stepMs: 408 })), /Training step .*\(2\.0x more\)/));

test('a noisy row is marked and explained, an invalid one not compared', () => {
  const noisy = { ...crop, trainStep: { ...crop.trainStep, verdict: 'noisy', reasons: ['restless machine'] } } as const;
  const text = toTextTable(createReport(syntheticConditions, original, noisy));
  match(text, /Training step ~/);
  match(text, /~ Training step .*restless machine/);
  const invalid = { ...crop, trainStep: { ...crop.trainStep, verdict: 'invalid', reasons: ['stopped'] } } as const;
  match(toTextTable(createReport(syntheticConditions, original, invalid)), /Training step ! .*not compared/);
});

test('the conditions and the spread stand beneath', () => {
  match(table, 'Measured on a synthetic test device: tensorflow-graph, 2 threads, batch 128');
  match(table, 'Inference, batch 1 and 128: onnxruntime, 2 threads.');
  match(table, /5th to 95th percentile: original \d+ ms to \d+ ms/);
});

test.run();
