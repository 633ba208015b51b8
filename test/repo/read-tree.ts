import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseSourceFile, type SourceFile } from './source-file.js';

/** The repository's root: this file is compiled to test/dist/repo. */
export const repositoryRoot: string = resolve(import.meta.dirname, '../../..');

// `assembly` holds AssemblyScript, which only looks like TypeScript.
const passedOver = /(^|\/)(node_modules|dist|golden|runs|report|assembly|\.git)(\/|$)/;

/** Every source file of the packages and of the root, parsed. */
export function readSourceTree(): SourceFile[] {
  const roots = ['sdk', 'device-agent', 'electron-app', 'profiles', 'test'];
  const inPackages = roots.flatMap((folder) => listFiles(folder));
  const inRoot = readdirSync(repositoryRoot).filter((name) => name.endsWith('.mjs'));
  return [...inPackages, ...inRoot]
    .filter((path) => /\.(ts|tsx|mjs|js)$/.test(path))
    .sort()
    .map((path) => parseSourceFile(path, readRepositoryFile(path)));
}

/** Paths that git tracks, or undefined where this is no checkout. */
export function listTrackedFiles(): string[] | undefined {
  if (!existsSync(join(repositoryRoot, '.git'))) return undefined;
  const output = execFileSync('git', ['ls-files', '-z'], { cwd: repositoryRoot, encoding: 'utf8' });
  return output.split('\0').filter((path) => path !== '' && existsSync(join(repositoryRoot, path)));
}

export function readRepositoryFile(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

function listFiles(folder: string): string[] {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (passedOver.test(path)) return [];
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}
