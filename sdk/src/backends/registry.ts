import { BackendError, UsageError } from '../core/errors.js';
import type { Backend, Probe } from './backend.js';
import type { TfjsDevice } from './tfjs-eager/device.js';

/** A backend before its code is loaded. */
export interface BackendEntry {
  readonly name: string;
  /** Loads the code. @throws where that fails, such as for a package that is not installed. */
  readonly load: () => Promise<Backend>;
}

/** A backend's place on the ladder and what it answers on this machine. */
export interface ProbedBackend {
  readonly name: string;
  readonly probe: Probe;
}

export interface BackendChoice {
  readonly backend: Backend;
  readonly probe: Probe;
  /** Better ones that this machine cannot use, with the reason. */
  readonly passedOver: readonly ProbedBackend[];
}

const tfjsEager = (device: TfjsDevice): BackendEntry => ({
  name: `tfjs-eager/${device}`,
  load: async () => (await import('./tfjs-eager/backend.js')).createTfjsEagerBackend({ device }),
});

// From the fastest to the one that always works.
const ladder: readonly BackendEntry[] = [
  {
    name: 'tensorflow-graph',
    load: async () => (await import('./tensorflow-graph/backend.js')).createTensorflowGraphBackend(),
  },
  tfjsEager('webgpu'),
  tfjsEager('wasm'),
  tfjsEager('cpu'),
];

/** All backends, the best first. */
export function listBackends(): readonly BackendEntry[] {
  return ladder;
}

/** Asks every backend whether this machine can use it. */
export async function probeBackends(entries: readonly BackendEntry[] = ladder): Promise<readonly ProbedBackend[]> {
  return Promise.all(entries.map(async (entry) => ({ name: entry.name, probe: (await loadAndProbe(entry)).probe })));
}

/**
 * The backend of that name, or for `auto` the best that this machine can use: one that is limited only where none is ready.
 * @throws UsageError for an unknown name; BackendError where the named one, or none, can be used here.
 */
export async function selectBackend(name = 'auto', entries: readonly BackendEntry[] = ladder): Promise<BackendChoice> {
  const candidates = name === 'auto' ? entries : entries.filter((entry) => entry.name === name);
  if (candidates.length === 0) {
    throw new UsageError(`There is no backend "${name}". There are: auto, ${entries.map((entry) => entry.name).join(', ')}.`);
  }
  const passedOver: ProbedBackend[] = [];
  let limited: BackendChoice | undefined;
  for (const entry of candidates) {
    const { backend, probe } = await loadAndProbe(entry);
    if (backend && probe.status === 'ready') return { backend, probe, passedOver };
    if (backend && probe.status === 'limited') limited ??= { backend, probe, passedOver: [...passedOver] };
    passedOver.push({ name: entry.name, probe });
  }
  if (limited) return limited;
  const reasons = passedOver.map(({ name: passed, probe }) => `${passed} is ${probe.status}: ${probe.reason}`).join('; ');
  throw new BackendError(`No backend can be used on this machine: ${reasons}. Run \`precrop doctor\` to see what to do.`);
}

async function loadAndProbe({ load }: BackendEntry): Promise<{ readonly backend?: Backend; readonly probe: Probe }> {
  try {
    const backend = await load();
    return { backend, probe: await backend.probe() };
  } catch (error) {
    return { probe: { status: 'broken', reason: (error as Error).message } };
  }
}
