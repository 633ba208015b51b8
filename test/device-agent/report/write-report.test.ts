import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReport, parseReport } from '@precrop/device-agent/report/create-report';
import { writeReport } from '@precrop/device-agent/report/write-report';
import type { ReportFiles } from '@precrop/device-agent/report/write-report-files';
import { StorageError, UsageError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import { equal, instance, is, match, not, throws, unreachable } from 'uvu/assert';
import { syntheticConditions, syntheticReport } from './synthetic-report.js';

const report = syntheticReport();

test('writes both files and nothing else, and a second report replaces the first', async () => {
  await inFolder(async (folder) => {
    const { htmlPath, jsonPath } = await writeReport(join(folder, 'deep', 'report'), report);
    const again = syntheticReport({ finalAccuracy: 0.5 });
    await writeReport(join(folder, 'deep', 'report'), again);
    equal((await readdir(join(folder, 'deep', 'report'))).sort(), ['report.html', 'report.json']);
    match(await readFile(htmlPath, 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
    equal(parseReport(JSON.parse(await readFile(jsonPath, 'utf8'))), again);
  });
});

test('report.json has the frame of every --json document', async () => {
  await inFolder(async (folder) => {
    const { jsonPath } = await writeReport(folder, report);
    const document = JSON.parse(await readFile(jsonPath, 'utf8'));
    is(document.schemaVersion, 1);
    is(document.command, 'demo');
    for (const key of ['conditions', 'verdict', 'reasons', 'summary', 'results']) is(key in document, true, key);
    for (const [name, value] of Object.entries(document.summary)) is(value === null || typeof value === 'number', true, name);
  });
});

test('the user’s home is named in neither file', async () => {
  await inFolder(async (folder) => {
    const source = `read from ${join(homedir(), 'data', 'cifar')}`;
    const named = createReport({ ...syntheticConditions, dataset: { ...syntheticConditions.dataset, source } }, ...report.results);
    const { htmlPath, jsonPath } = await writeReport(folder, named);
    for (const path of [htmlPath, jsonPath]) {
      const text = await readFile(path, 'utf8');
      not.match(text, join(homedir(), 'data'));
      match(text, `read from ${join('~', 'data', 'cifar')}`);
    }
  });
});

for (const [code, words] of [
  ['ENOSPC', 'the disk is full'],
  ['EACCES', 'may not be written'],
  ['EROFS', 'read-only'],
] as const) {
  for (const failing of ['makeDirectory', 'write', 'rename'] as const) {
    test(`${code} in ${failing} is one sentence and leaves no temporary file`, async () => {
      const disk = new Set<string>();
      try {
        await writeReport('reports', report, failingFiles(disk, failing, code));
        unreachable('a report was written to a broken disk');
      } catch (error) {
        instance(error, StorageError);
        match((error as StorageError).message, words);
        match((error as StorageError).message, /^The report was not written to "reports": [^\n]+\.$/);
        equal([...disk], []);
      }
    });
  }
}

test('a document that is no report is refused, with the place', () => {
  throws(() => parseReport({ ...report, schemaVersion: 2 }), /report\.schemaVersion/);
  throws(
    () => parseReport({ ...report, extra: 1 }),
    (error: unknown) => error instanceof UsageError,
  );
  const [original, crop] = report.results;
  throws(() => createReport(syntheticConditions, original, { ...crop, params: Number.NaN }), /crop\.params/);
  throws(() => createReport(syntheticConditions, { ...original, epochs: [] }, crop), /original\.epochs/);
});

/** A disk that breaks at the second call of one operation (the first, for the folder). */
function failingFiles(disk: Set<string>, failing: keyof ReportFiles, code: string): ReportFiles {
  let calls = 0;
  const step = (name: keyof ReportFiles): void => {
    if (name !== failing) return;
    calls++;
    if (calls > (name === 'write' ? 1 : 0)) throw Object.assign(new Error(`${code}: broken`), { code });
  };
  return {
    home: '/home/nobody',
    makeDirectory: async () => step('makeDirectory'),
    write: async (path) => {
      disk.add(path); // what a full disk leaves: a file, cut off
      step('write');
    },
    rename: async (from, to) => {
      step('rename');
      disk.delete(from);
      disk.add(to);
    },
    remove: async (path) => {
      disk.delete(path);
    },
  };
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'precrop-report-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test.run();
