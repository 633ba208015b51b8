import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** One test file: where it was compiled to, and what its source says about itself. */
export interface TestFile {
  /** Path of the source below the source folder, with forward slashes: `sdk/data/cifar10.test.ts`. */
  readonly name: string;
  readonly compiledPath: string;
  /** Its source begins with `// @serial`: it must have the machine for itself. */
  readonly serial: boolean;
  /** Suites that are declared and never run: uvu would pass them in silence. */
  readonly forgotten: readonly string[];
}

/**
 * Compiled test files below `distDir`, in order of name. A compiled file whose source is gone from `sourceDir` is
 * deleted and left out, or a removed test would go on passing.
 */
export function findTestFiles(sourceDir: string, distDir: string): TestFile[] {
  const files: TestFile[] = [];
  const compiled = readdirSync(distDir, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.test.js'));
  for (const found of compiled.sort()) {
    const base = found.slice(0, -'.js'.length);
    const sourcePath = join(sourceDir, `${base}.ts`);
    if (existsSync(sourcePath)) {
      const source = readFileSync(sourcePath, 'utf8');
      files.push({
        name: `${base.replaceAll('\\', '/')}.ts`,
        compiledPath: join(distDir, found),
        serial: source.startsWith('// @serial'),
        forgotten: findForgottenSuites(source),
      });
    } else {
      for (const ending of ['.js', '.js.map', '.d.ts', '.d.ts.map']) rmSync(join(distDir, base + ending), { force: true });
    }
  }
  return files;
}

/** Files whose path, written `test/sdk/data/cifar10.test.ts`, contains one of the filters; all without a filter. */
export function selectTestFiles(files: readonly TestFile[], filters: readonly string[]): TestFile[] {
  return files.filter(({ name }) => filters.length === 0 || filters.some((filter) => `test/${name}`.includes(filter)));
}

/** Names made by `suite(…)` or imported as `test` that have no `.run()`. */
export function findForgottenSuites(source: string): string[] {
  const declared = [...source.matchAll(/^(?:const|let)\s+(\w+)(?:\s*:[^=\n]+)?\s*=\s*suite\b/gm)].map((match) => match[1] as string);
  if (/^import\s*{[^}]*\btest\b[^}]*}\s*from\s*'uvu'/m.test(source)) declared.push('test');
  return declared.filter((name) => !new RegExp(`\\b${name}\\.run\\(`).test(source));
}
