import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import type { Probe } from '../../backends/backend.js';
import { BackendError } from '../../core/errors.js';
import { bytesOf, checkThreads, firstLineOf } from '../image-session.js';
import type { Runtime } from '../runtime.js';
import { createThreadPool, type ThreadPool } from './node-threads.js';
import { openTfliteSession } from './open-session.js';
import { chooseBuild, type ModuleFactory, type OpenModule } from './wasm-module.js';

/**
 * TFLite as wasm, in Node: no native library. It has vector instructions and threads where the machine has them. A file that fixes its batch
 * is run in parts of that size. `infer` blocks the thread while it computes.
 */
export function createTfliteRuntime(): Runtime {
  const runtime: Runtime = {
    name: 'tflite',
    format: 'tflite',
    probe: async (): Promise<Probe> => {
      try {
        const { version } = await loadPackage();
        return { status: 'ready', device: `${cpus()[0]?.model.trim() ?? 'CPU'}, wasm`, version: `tfjs-tflite ${version}` };
      } catch (error) {
        return { status: 'absent', reason: `The wasm of TFLite cannot be loaded: ${firstLineOf(error)}` };
      }
    },
    async load(model, options = {}) {
      const bytes = bytesOf(model, runtime);
      return openTfliteSession(await openModule(checkThreads(options.threads ?? availableParallelism())), bytes);
    },
  };
  return runtime;
}

async function loadPackage(): Promise<{ readonly version: string; readonly folder: string }> {
  const path = createRequire(import.meta.url).resolve('@tensorflow/tfjs-tflite/package.json');
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { readonly version: string };
  return { version, folder: join(dirname(path), 'wasm') };
}

async function openModule(threads: number): Promise<OpenModule> {
  const lines: string[] = [];
  const print = (line: string): void => void lines.push(line);
  let pool: ThreadPool | undefined;
  try {
    const { folder } = await loadPackage();
    const build = join(folder, chooseBuild(threads));
    const [script, wasmBinary] = await Promise.all([readFile(`${build}.js`, 'utf8'), readFile(`${build}.wasm`)]);
    pool = createThreadPool(build);
    const factory = evaluate(script, `${build}.js`, threads, pool.Worker);
    const started = factory({ wasmBinary, mainScriptUrlOrBlob: `${build}.js`, print, printErr: print });
    const module = await Promise.race([started, pool.failed]);
    pool.unref();
    return { module, threads, lines, close: pool.close };
  } catch (error) {
    await pool?.close();
    throw new BackendError(`The runtime tflite cannot start on this machine: ${firstLineOf(error)}`, { cause: error });
  }
}

/**
 * The script is written for browsers: the class that starts a thread is given to it. It starts eight before the first model comes, as
 * none can start during a call. A session needs at most two for each that was asked for: XNNPACK's, and those of TFLite's own kernels.
 */
function evaluate(script: string, filename: string, threads: number, Worker: unknown): ModuleFactory {
  const sized = script.replace('pthreadPoolSize=8', `pthreadPoolSize=${2 * threads}`);
  const module = { exports: {} };
  compileFunction(sized, ['module', 'exports', 'Worker'], { filename })(module, module.exports, Worker);
  return module.exports as ModuleFactory;
}
