import { spawnSync } from 'node:child_process';
import { dirname, join, relative } from 'node:path';

const distDir = dirname(import.meta.dirname);

/** A Python that has these modules: that of the environment variable PRECROP_PYTHON, else `python3`. Or why there is none. */
export function findPython(modules: readonly string[]): { readonly path: string } | { readonly reason: string } {
  const path = process.env['PRECROP_PYTHON'] ?? 'python3';
  const program = 'import importlib.util, sys; print(" ".join(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))';
  const { status, stdout, error } = spawnSync(path, ['-c', program, ...modules], { encoding: 'utf8' });
  if (error || status !== 0) return { reason: `${path} does not run; set PRECROP_PYTHON to a Python with ${modules.join(', ')}` };
  const missing = stdout.trim();
  return missing === '' ? { path } : { reason: `${path} has no ${missing.replaceAll(' ', ', ')}; install them, or set PRECROP_PYTHON` };
}

/** Path of a script that stands beside a test's source: `findScript(import.meta.dirname, 'check.py')`. */
export function findScript(compiledDir: string, name: string): string {
  return join(dirname(distDir), relative(distDir, compiledDir), name);
}
