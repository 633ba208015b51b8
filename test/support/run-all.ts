import { type FileResult, runTestFile, type Skip } from './run-file.js';
import { findTestFiles, selectTestFiles, type TestFile } from './run-files.js';

export interface RunOptions {
  readonly sourceDir: string;
  readonly distDir: string;
  readonly filters: readonly string[];
  readonly write: (text: string) => void;
  readonly signal?: AbortSignal;
  /** For one file; default 10 minutes. */
  readonly timeoutMs?: number;
}

const filesAtOnce = 2;

/**
 * Runs the chosen test files and writes a line a file, the whole output of files that failed, the reasons of skips and
 * last, alone on its line, `N passed, N failed, N skipped`. Returns the exit code: 0, or 1 when something failed or
 * nothing ran.
 */
export async function runTests(options: RunOptions): Promise<0 | 1> {
  const { write, signal = new AbortController().signal, timeoutMs = 600_000 } = options;
  const files = selectTestFiles(findTestFiles(options.sourceDir, options.distDir), options.filters);
  if (files.length === 0) {
    const why = options.filters.length > 0 ? `has a path with "${options.filters.join('" or "')}"` : 'was compiled';
    write(`No test file ${why}. Run \`npm run build\`, then give part of a path such as sdk/data.\n`);
  }
  const results: FileResult[] = [];
  const runOne = async (file: TestFile): Promise<void> => {
    if (signal.aborted) return;
    const result = await runTestFile(file, timeoutMs, signal);
    results.push(result);
    write(describeResult(result));
  };
  const alone = files.filter((file) => file.serial);
  const together = files.filter((file) => !file.serial);
  await inParallel(together, filesAtOnce, runOne);
  await inParallel(alone, 1, runOne);
  write(describeEnd(results));
  return files.length > 0 && results.length === files.length && results.every((result) => result.failed === 0) ? 0 : 1;
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const drain = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, drain));
}

function describeResult(result: FileResult): string {
  const { file, passed, failed, skips, problems, seconds, output } = result;
  const counts = [`${passed} passed`, failed > 0 && `${failed} failed`, skips.length > 0 && `${skips.length} skipped`].filter(Boolean);
  const line = `${failed > 0 ? 'FAIL' : 'ok  '}  ${file.replace(/\.test\.ts$/, '').padEnd(44)} ${counts.join(', ')}  (${seconds.toFixed(1)} s)\n`;
  if (failed === 0) return line;
  const reasons = problems.map((problem) => `      ${file}: ${problem}.\n`).join('');
  return `${line}${reasons}${output.trim() === '' ? '' : `${output.trimEnd()}\n`}`;
}

function describeEnd(results: readonly FileResult[]): string {
  const failures = results
    .filter((result) => result.failed > 0)
    .map(({ file }) => `  ${file}\n`)
    .sort();
  const skips = results
    .flatMap((result) => result.skips)
    .map(describeSkip)
    .sort();
  const sum = (count: (result: FileResult) => number): number => results.reduce((total, result) => total + count(result), 0);
  return [
    skips.length > 0 ? `\nSkipped:\n${skips.join('')}` : '',
    failures.length > 0 ? `\nFailed files:\n${failures.join('')}` : '',
    `\n${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed, ${sum(({ skips }) => skips.length)} skipped\n`,
  ].join('');
}

function describeSkip({ file, reason }: Skip): string {
  return `  ${file}: ${reason}\n`;
}
