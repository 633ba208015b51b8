import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runPrecrop, withFolder } from './run-precrop.js';

interface Document {
  readonly command: string;
  readonly summary: Readonly<Record<string, number>>;
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

async function runJson(args: readonly string[], cwd?: string): Promise<Document> {
  const { code, stdout, stderr } = await runPrecrop([...args, '--json'], cwd === undefined ? {} : { cwd });
  assert.is(code, 0, stderr);
  return jsonDocumentSchema.parse(JSON.parse(stdout)) as unknown as Document;
}

function sum(rows: readonly Readonly<Record<string, unknown>>[], field: string): number {
  return rows.reduce((total, row) => total + Number(row[field]), 0);
}

test('describe: rows add up to the summary, which is the exact count', async () => {
  for (const name of ['resnet-20', 'mobilenet-v2-x0.5-cifar', 'shufflenet-v2-x1.0-cifar']) {
    const { command, summary, results } = await runJson(['describe', name]);
    const { params, macs, activationBytes } = countArchitecture(createArchitecture(name));
    assert.is(command, 'describe');
    assert.is(summary['params'], params);
    assert.is(summary['macs'], macs);
    assert.is(summary['activationBytes'], activationBytes);
    assert.is(sum(results, 'params'), params);
    assert.is(sum(results, 'macs'), macs);
    assert.equal(Object.keys(results[0] ?? {}).toSorted(), ['group', 'id', 'macs', 'op', 'outputShape', 'params', 'width']);
  }
});

test('describe: the parts of the training memory add up, and grow with the batch', async () => {
  const [small, large] = await Promise.all([8, 16].map((batch) => runJson(['describe', 'resnet-20', '--batch', String(batch)])));
  const parts = ['trainingWeightBytes', 'trainingOptimizerBytes', 'trainingActivationBytes', 'trainingGradientBytes'];
  assert.is(
    small?.summary['trainingPeakBytes'],
    parts.reduce((total, part) => total + Number(small?.summary[part]), 0),
  );
  assert.ok(Number(large?.summary['trainingPeakBytes']) > Number(small?.summary['trainingPeakBytes']));
});

test('describe: words for a person hold the totals and every group', async () => {
  const { code, stdout, stderr } = await runPrecrop(['describe', 'resnet-20']);
  assert.is(code, 0);
  assert.is(stderr, '');
  for (const text of ['272,474', '40,813,184', 'stage3.block3.conv1', 'predicted']) assert.ok(stdout.includes(text), text);
});

test('crop: holds its budget, never widens, keeps to the multiple', async () => {
  const { summary, results } = await runJson(['crop', 'resnet-20', '--macs', '25%', '--params', '0.2']);
  assert.ok(Number(summary['macsRatio']) <= 0.25);
  assert.ok(Number(summary['paramsRatio']) <= 0.2);
  assert.ok(Number(summary['objective']) < 0);
  for (const { width, originalWidth } of results) {
    assert.ok(Number(width) <= Number(originalWidth));
    assert.is(Number(width) % 8, 0);
  }
});

test('crop: one density for all layers is the uniform multiplier, or a multiple less where the budget says so', async () => {
  const { results, summary } = await runJson(['crop', 'resnet-20', '--density', '25%']);
  assert.ok(Number(summary['paramsRatio']) <= 0.25);
  const missing = results.map(({ width, originalWidth }) => Number(originalWidth) / 2 - Number(width));
  assert.ok(missing.every((channels) => channels === 0 || channels === 8));
  assert.ok(missing.filter((channels) => channels === 8).length <= 1);
});

test('crop: its file is what --widths reads', () =>
  withFolder(async (cwd) => {
    const crop = await runJson(['crop', 'resnet-20', '--macs', '30%', '--align', '4', '-o', 'crop.json'], cwd);
    assert.equal(readdirSync(cwd), ['crop.json']);
    const file = JSON.parse(readFileSync(join(cwd, 'crop.json'), 'utf8')) as { architecture: string; widths: Record<string, number> };
    assert.is(file.architecture, 'resnet-20');
    assert.equal(file.widths, Object.fromEntries(crop.results.map(({ group, width }) => [group, width])));
    const described = await runJson(['describe', 'resnet-20', '--widths', 'crop.json'], cwd);
    assert.is(described.summary['params'], crop.summary['params']);
    assert.is(described.summary['macs'], crop.summary['macs']);

    const other = await runPrecrop(['describe', 'resnet-32', '--widths', 'crop.json'], { cwd });
    assert.is(other.code, 2);
    assert.match(other.stderr, 'The file holds widths of resnet-20, not of resnet-32.');
  }));

test('widths: a list, a multiplier and a file that holds none', () =>
  withFolder(async (cwd) => {
    const list = await runJson(['describe', 'resnet-20', '--widths', 'stage1=8,stage1.*=8'], cwd);
    assert.is(list.results.find(({ id }) => id === 'stem.conv')?.['width'], 8);
    const half = await runJson(['describe', 'resnet-20', '--widths', '0.5'], cwd);
    assert.is(half.results.find(({ id }) => id === 'stage3.block3.conv1')?.['width'], 32);
    writeFileSync(join(cwd, 'bad.json'), '{"widths":');
    const bad = await runPrecrop(['describe', 'resnet-20', '--widths', 'bad.json'], { cwd });
    assert.is(bad.code, 2);
    assert.match(bad.stderr, 'it holds no JSON');
  }));

test('crop: a file that cannot be written is one sentence, and nothing is left', () =>
  withFolder(async (cwd) => {
    writeFileSync(join(cwd, 'file'), '');
    const { code, stdout, stderr } = await runPrecrop(['crop', 'resnet-20', '--macs', '25%', '-o', 'file/crop.json'], { cwd });
    assert.is(code, 1);
    assert.is(stdout, '');
    assert.match(stderr, 'could not be written');
    assert.equal(readdirSync(cwd), ['file']);
  }));

test.run();
