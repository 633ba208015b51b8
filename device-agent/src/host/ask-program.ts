import { execFile } from 'node:child_process';

const patienceMs = 1500;

/** What a program of the system prints, in English where it can; null where it is missing, fails or takes too long. */
export function askProgram(file: string, args: readonly string[]): Promise<string | null> {
  const options = { timeout: patienceMs, killSignal: 'SIGKILL', windowsHide: true, env: { ...process.env, LC_ALL: 'C' } } as const;
  return new Promise((resolve) => {
    execFile(file, [...args], options, (error, stdout) => resolve(error ? null : stdout));
  });
}
