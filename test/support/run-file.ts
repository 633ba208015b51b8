import { spawn } from 'node:child_process';
import type { TestFile } from './run-files.js';

const readableErrors = new URL('./readable-errors.js', import.meta.url).href;

export interface Skip {
  readonly file: string;
  readonly reason: string;
}

/** What became of one test file. `problems` are sentences; a file passes when there are none. */
export interface FileResult {
  readonly file: string;
  readonly passed: number;
  readonly failed: number;
  readonly skips: readonly Skip[];
  readonly problems: readonly string[];
  readonly seconds: number;
  readonly output: string;
}

/** How a test process ended and all that it printed. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly output: string;
}

/** Runs a test file in a process of its own and ends that process and its children after `timeoutMs` or on abort. */
export async function runTestFile(file: TestFile, timeoutMs: number, signal: AbortSignal): Promise<FileResult> {
  const start = performance.now();
  const ending = await runProcess(file.compiledPath, timeoutMs, signal);
  return { file: file.name, ...judge(file, ending, timeoutMs), seconds: (performance.now() - start) / 1000, output: ending.output };
}

/** Reads uvu's closing lines and says what is wrong: the count of a file that ended badly is never trusted. */
export function judge(
  file: Pick<TestFile, 'name' | 'forgotten'>,
  ending: Ending,
  timeoutMs: number,
): Pick<FileResult, 'passed' | 'failed' | 'skips' | 'problems'> {
  const total = lastCount(ending.output, 'Total');
  const passed = lastCount(ending.output, 'Passed') ?? 0;
  const skipped = lastCount(ending.output, 'Skipped') ?? 0;
  const skips = [...ending.output.matchAll(/^SKIP (.+)$/gm)].map((match) => ({ file: file.name, reason: match[1] as string }));
  const problems = describeBadEnding(ending, timeoutMs, total, passed, skipped);
  for (const name of file.forgotten) problems.push(`"${name}" is never run; add ${name}.run() at its end`);
  if (skipped > skips.length) {
    problems.push(`${skipped - skips.length} tests are skipped without a reason; remove .only, and use skip() of test/support/skip.ts`);
  }
  const failed = Math.max((total ?? 0) - passed, problems.length > 0 ? 1 : 0);
  return { passed, failed, skips: skips.slice(0, skipped), problems };
}

function describeBadEnding(ending: Ending, timeoutMs: number, total: number | undefined, passed: number, skipped: number): string[] {
  if (ending.timedOut) return [`it was still running after ${timeoutMs / 1000} s and was ended`];
  if (ending.signal !== null) return [`its process was ended by ${ending.signal}`];
  if (total === undefined) {
    return ending.code === 0
      ? ['it reported no test; does it end in .run(), and does something it awaits never settle?']
      : [`its process crashed with exit code ${ending.code} before the tests were done`];
  }
  if (total + skipped === 0) return ['it holds no test'];
  if (passed === total && ending.code !== 0) return [`all its tests passed, yet its process ended with exit code ${ending.code}`];
  return [];
}

function lastCount(output: string, label: string): number | undefined {
  const matches = [...output.matchAll(new RegExp(`^ {2}${label}: +(\\d+)\\s*$`, 'gm'))];
  const digits = matches.at(-1)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function runProcess(path: string, timeoutMs: number, signal: AbortSignal): Promise<Ending> {
  return new Promise((resolve, reject) => {
    // A group of its own (where the system has groups), so that children of a test end with it.
    const grouped = process.platform !== 'win32';
    const child = spawn(process.execPath, ['--enable-source-maps', '--import', readableErrors, path], {
      detached: grouped,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    const chunks: Buffer[] = [];
    let timedOut = false;
    const end = (): void => {
      try {
        if (grouped && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // The group has ended already.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    signal.addEventListener('abort', end);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('exit', end); // what the test left running would hold its output open
    child.on('close', (code, endedBy) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve({ code, signal: endedBy, timedOut, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}
