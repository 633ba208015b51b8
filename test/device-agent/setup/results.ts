import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NativeLibrary } from '@precrop/device-agent/setup/native-library';
import type { FakeMachine, Program } from './fake-host.js';

export function readyOf(result: NativeLibrary): Extract<NativeLibrary, { status: 'ready' }> {
  if (result.status !== 'ready') throw new Error(`expected a library, got: ${result.reason}`);
  return result;
}

export function absentOf(result: NativeLibrary): Extract<NativeLibrary, { status: 'absent' }> {
  if (result.status !== 'absent') throw new Error(`expected no library, got ${result.libraryPath}`);
  return result;
}

export function count(machine: FakeMachine, program: Program): number {
  return machine.started.filter((started) => started === program).length;
}

/** Paths of all files under a folder, sorted; none when there is no folder. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
