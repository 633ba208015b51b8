import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { StorageError } from '@precrop/sdk/core/errors';

/** The file system as far as a report needs it. */
export interface ReportFiles {
  makeDirectory(path: string): Promise<unknown>;
  write(path: string, text: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** The user's home, which no report may name. */
  readonly home: string;
}

export interface WrittenReport {
  readonly htmlPath: string;
  readonly jsonPath: string;
}

const diskFiles: ReportFiles = {
  makeDirectory: (path) => mkdir(path, { recursive: true }),
  write: (path, text) => writeFile(path, text, { flush: true }),
  rename,
  remove: (path) => rm(path, { force: true }),
  home: homedir(),
};

/**
 * Writes report.html and report.json into a directory: both are complete under temporary names before either gets its own.
 * @throws StorageError when the disk is full or the directory may not be written; nothing half-written is left.
 */
export async function writeReportFiles<Report>(
  directory: string,
  report: Report,
  toHtml: (report: Report) => string,
  files: ReportFiles = diskFiles,
): Promise<WrittenReport> {
  const shared = hideHome(report, files.home);
  const texts = { 'report.json': `${JSON.stringify(shared, null, 2)}\n`, 'report.html': toHtml(shared) };
  const temporary = Object.entries(texts).map(([name, text]) => ({
    text,
    to: join(directory, name),
    from: join(directory, `.${name}.${process.pid}.tmp`),
  }));
  try {
    await files.makeDirectory(directory);
    for (const { from, text } of temporary) await files.write(from, text);
    for (const { from, to } of temporary) await files.rename(from, to);
  } catch (error) {
    for (const { from } of temporary) await files.remove(from).catch(() => {});
    throw toStorageError(error, directory);
  }
  return { htmlPath: join(directory, 'report.html'), jsonPath: join(directory, 'report.json') };
}

/** A report is made to be passed on, so the user's home becomes "~" in every string of it. */
function hideHome<T>(value: T, home: string): T {
  if (home.length < 2) return value;
  if (typeof value === 'string') return value.replaceAll(home, '~') as T;
  if (Array.isArray(value)) return value.map((item) => hideHome(item, home)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hideHome(item, home)])) as T;
}

function toStorageError(error: unknown, directory: string): StorageError {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const reason =
    {
      ENOSPC: 'the disk is full. Free some space',
      EDQUOT: 'the disk quota is used up. Free some space',
      EACCES: 'it may not be written',
      EPERM: 'it may not be written',
      EROFS: 'its file system is read-only',
      ENOTDIR: 'a file stands where a folder must be',
      EEXIST: 'a file stands where a folder must be',
    }[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
  return new StorageError(`The report was not written to "${directory}": ${reason}, or choose another directory and run again.`, {
    cause: error,
    details: { directory, code },
  });
}
