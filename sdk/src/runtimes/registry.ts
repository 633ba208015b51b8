import type { Probe } from '../backends/backend.js';
import { BackendError, UsageError } from '../core/errors.js';
import type { FormatName } from '../export/format.js';
import type { Runtime } from './runtime.js';

/** A runtime before its code is loaded. */
export interface RuntimeEntry {
  readonly name: string;
  /** The files that it loads. */
  readonly format: FormatName;
  /** Loads the code. @throws where that fails, such as for a package that is not installed. */
  readonly load: () => Promise<Runtime>;
}

/** A runtime's place on the ladder and what it answers on this machine. */
export interface ProbedRuntime {
  readonly name: string;
  readonly format: FormatName;
  readonly probe: Probe;
}

export interface RuntimeChoice {
  readonly runtime: Runtime;
  readonly probe: Probe;
  /** Better ones that were not taken, with what they answered. */
  readonly passedOver: readonly ProbedRuntime[];
}

const onnxruntime = (device: 'cpu' | 'coreml' | 'dml' | 'webgpu'): RuntimeEntry => ({
  name: `onnxruntime/${device}`,
  format: 'onnx',
  load: async () => (await import('./onnxruntime.js')).createOnnxruntime({ device }),
});

const tfjs = (device: 'webgpu' | 'wasm' | 'cpu'): RuntimeEntry => ({
  name: `tfjs/${device}`,
  format: 'tfjs',
  load: async () => (await import('./tfjs.js')).createTfjsRuntime({ device }),
});

// From the fastest for one small image to the one that always works. Accelerators come after the CPU of the same engine: a call to them costs
// more than these networks take.
const ladder: readonly RuntimeEntry[] = [
  onnxruntime('cpu'),
  onnxruntime('coreml'),
  onnxruntime('dml'),
  onnxruntime('webgpu'),
  {
    name: 'sparse-wasm',
    format: 'onnx',
    load: async () => (await import('./sparse-wasm.js')).createSparseWasm(),
  },
  {
    name: 'tensorflow',
    format: 'saved-model',
    load: async () => (await import('./tensorflow.js')).createTensorflowRuntime(),
  },
  {
    name: 'tflite',
    format: 'tflite',
    load: async () => (await import('./tflite/node.js')).createTfliteRuntime(),
  },
  tfjs('webgpu'),
  tfjs('wasm'),
  tfjs('cpu'),
];

/** All runtimes, the best first. */
export function listRuntimes(): readonly RuntimeEntry[] {
  return ladder;
}

/** Asks every runtime whether this machine can use it. One after the other: tfjs has one device at a time for the whole process. */
export async function probeRuntimes(entries: readonly RuntimeEntry[] = ladder): Promise<readonly ProbedRuntime[]> {
  const probed: ProbedRuntime[] = [];
  for (const entry of entries) probed.push(toProbed(entry, (await loadAndProbe(entry)).probe));
  return probed;
}

/**
 * The runtime of that name, the best of a family (`onnxruntime`, `tfjs`), or for `auto` the best of all; of those that load `format`, where
 * given. One that is limited is taken where no other is ready.
 * @throws UsageError for an unknown name, or one that does not load the format; BackendError where none of those can be used here.
 */
export async function selectRuntime(name = 'auto', format?: FormatName, entries: readonly RuntimeEntry[] = ladder): Promise<RuntimeChoice> {
  const passedOver: ProbedRuntime[] = [];
  let limited: { readonly runtime: Runtime; readonly probe: Probe } | undefined;
  for (const entry of findCandidates(name, format, entries)) {
    const { runtime, probe } = await loadAndProbe(entry);
    if (runtime && probe.status === 'ready') return { runtime, probe, passedOver };
    if (runtime && probe.status === 'limited') limited ??= { runtime, probe };
    passedOver.push(toProbed(entry, probe));
  }
  if (limited) {
    const rank = passedOver.findIndex((passed) => passed.probe === limited.probe);
    return { ...limited, passedOver: passedOver.slice(0, rank) };
  }
  const reasons = passedOver.map((passed) => `${passed.name} is ${passed.probe.status}: ${passed.probe.reason}`).join('; ');
  throw new BackendError(`No runtime can be used on this machine: ${reasons}. Run \`precrop doctor\` to see what to do.`);
}

function findCandidates(name: string, format: FormatName | undefined, entries: readonly RuntimeEntry[]): readonly RuntimeEntry[] {
  const named = name === 'auto' ? entries : entries.filter((entry) => entry.name === name || familyOf(entry) === name);
  if (named.length === 0) {
    throw new UsageError(`There is no runtime "${name}". There are: auto, ${entries.map((entry) => entry.name).join(', ')}.`);
  }
  const candidates = named.filter((entry) => format === undefined || entry.format === format);
  if (candidates.length > 0) return candidates;
  const others = entries.filter((entry) => entry.format === format).map((entry) => entry.name);
  throw new UsageError(
    `The runtime "${name}" loads ${named[0]?.format} files, and this is a ${format} file. Those that load it are: ${others.join(', ')}.`,
  );
}

function familyOf({ name }: RuntimeEntry): string {
  return name.split('/')[0] as string;
}

function toProbed({ name, format }: RuntimeEntry, probe: Probe): ProbedRuntime {
  return { name, format, probe };
}

async function loadAndProbe({ load }: RuntimeEntry): Promise<{ readonly runtime?: Runtime; readonly probe: Probe }> {
  try {
    const runtime = await load();
    return { runtime, probe: await runtime.probe() };
  } catch (error) {
    return { probe: { status: 'broken', reason: (error as Error).message } };
  }
}
