import { execFile, spawnSync } from 'node:child_process';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

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

/** What a script prints on stdout. @throws where it fails, with what it said on stderr. */
export async function runPython(path: string, script: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, [script, ...args], { maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new Error(`${script} failed: ${stderr.trim().slice(-2000)}`, { cause: error });
  }
}

/** Path of a script that stands beside a test's source: `findScript(import.meta.dirname, 'check.py')`. */
export function findScript(compiledDir: string, name: string): string {
  return join(dirname(distDir), relative(distDir, compiledDir), name);
}
