import type { Probe } from '../../backends/backend.js';
import { BackendError } from '../../core/errors.js';
import { bytesOf, checkThreads, firstLineOf } from '../image-session.js';
import type { Runtime } from '../runtime.js';
import { openTfliteSession } from './open-session.js';
import { chooseBuild, type ModuleFactory, type OpenModule } from './wasm-module.js';

// The parts of a browser that are used here.
interface Script {
  src: string;
  onload: (() => void) | null;
  onerror: (() => void) | null;
  remove(): void;
}
interface Host {
  readonly document?: { createElement(name: 'script'): Script; readonly head: { append(script: Script): void } };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  importScripts?(url: string): void;
  tflite_web_api_ModuleFactory?: ModuleFactory;
}

const host = globalThis as Host;
const factories = new Map<string, Promise<ModuleFactory>>();

/**
 * TFLite as wasm in a page, a renderer of Electron or a classic worker; `tflite/node.js` is for Node. `wasmUrl` is where the folder `wasm` of
 * @tensorflow/tfjs-tflite is served, from the page's own origin. Threads need a page that is cross-origin isolated; elsewhere it is one, and at most
 * four. `infer` blocks the thread that calls it. Each session has a wasm of its own: that package's own entry shares one, whose threads run
 * out at the second model, which then waits for ever (tensorflow/tfjs #6094).
 */
export function createTfliteRuntime({ wasmUrl }: { readonly wasmUrl: string }): Runtime {
  const base = wasmUrl.endsWith('/') ? wasmUrl : `${wasmUrl}/`;
  const runtime: Runtime = {
    name: 'tflite',
    format: 'tflite',
    probe: async (): Promise<Probe> => {
      try {
        await loadFactory(`${base}${chooseBuild(1)}.js`);
        return { status: 'ready', device: 'CPU, wasm', version: 'tfjs-tflite' };
      } catch (error) {
        return { status: 'absent', reason: firstLineOf(error) };
      }
    },
    async load(model, options = {}) {
      const bytes = bytesOf(model, runtime);
      const threads = checkThreads(options.threads ?? host.navigator?.hardwareConcurrency ?? 1);
      return openTfliteSession(await openModule(base, host.crossOriginIsolated ? Math.min(threads, mostThreads) : 1), bytes);
    },
  };
  return runtime;
}

// The loader starts eight before the first model comes, as none can start during a call, and a session may need two for each.
const mostThreads = 4;

async function openModule(base: string, threads: number): Promise<OpenModule> {
  const url = `${base}${chooseBuild(threads)}.js`;
  const factory = await loadFactory(url);
  const lines: string[] = [];
  const print = (line: string): void => void lines.push(line);
  try {
    const module = await factory({ mainScriptUrlOrBlob: url, locateFile: (file) => `${base}${file}`, print, printErr: print });
    return { module, threads, lines, close: () => module.PThread?.terminateAllThreads() };
  } catch (error) {
    throw new BackendError(`The runtime tflite cannot start in this browser: ${firstLineOf(error)}`, { cause: error });
  }
}

/** Once a page for each build. Each script leaves its factory in the same global, so they are loaded one after the other. */
function loadFactory(url: string): Promise<ModuleFactory> {
  const known = factories.get(url);
  if (known) return known;
  const before = [...factories.values()].at(-1);
  const loaded = Promise.resolve(before)
    .catch(() => {})
    .then(() => loadScript(url));
  factories.set(url, loaded);
  loaded.catch(() => factories.delete(url));
  return loaded;
}

async function loadScript(url: string): Promise<ModuleFactory> {
  const { document } = host;
  const failure = new BackendError(`${url} cannot be loaded. Serve the folder wasm of @tensorflow/tfjs-tflite there.`);
  if (document) {
    const script = document.createElement('script');
    await new Promise<void>((resolve, reject) => {
      script.onload = resolve;
      script.onerror = () => reject(failure);
      script.src = url;
      document.head.append(script);
    }).finally(() => script.remove());
  } else {
    host.importScripts?.(url);
  }
  if (!host.tflite_web_api_ModuleFactory) throw failure;
  return host.tflite_web_api_ModuleFactory;
}
