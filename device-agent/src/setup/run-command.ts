import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CancelledError } from '@precrop/sdk/core/errors';

export interface CommandOptions {
  readonly cwd?: string;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** Exit code; null when a signal ended the process or it could not be started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** stdout and stderr as they came. */
  readonly output: string;
  readonly stdout: string;
}

export type RunCommand = (command: string, args: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

/**
 * Runs a program without a shell and keeps what it says. A program that does not exist is a result with code null.
 * @throws CancelledError when the signal is aborted; the program has ended by then.
 */
export const runCommand: RunCommand = (command, args, { cwd, variables = process.env, signal, timeoutMs } = {}) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new CancelledError());
    let output = '';
    let stdout = '';
    const child = spawn(command, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...variables },
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, output: error.message, stdout: '' });
    });
    child.on('close', (code, endedBy) => {
      if (signal?.aborted) reject(new CancelledError());
      else resolve({ code, signal: endedBy, output, stdout });
    });
  });

/** The full path of a program, looked up as a shell does; undefined when there is none. */
export function findOnPath(
  name: string,
  variables: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  const folders = (variables['PATH'] ?? variables['Path'] ?? '').split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))).find(isExecutable);
}

/** The last lines of a program's output that say something, on one line: the part of a log that names the cause. */
export function lastWords(output: string, lines = 3): string {
  const words = output
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  return words.slice(-lines).join(' | ').slice(-500) || 'it said nothing';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
