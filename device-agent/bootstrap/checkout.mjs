import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds this clone. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

export const manifest = readJson('package.json');

/** A set-up that cannot go on: its message is for the user, its exit code for the shell. */
export class SetupError extends Error {
  constructor(message, { exitCode = 1, ...options } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export function readJson(path) {
  return existsSync(join(root, path)) ? JSON.parse(readFileSync(join(root, path), 'utf8')) : undefined;
}

export function readStamp(path) {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
}

export function writeStamp(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  const temporary = join(root, `${path}.${process.pid}`);
  writeFileSync(temporary, text);
  renameSync(temporary, join(root, path));
}
