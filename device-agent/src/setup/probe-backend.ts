import { listBackends } from '@precrop/sdk/backends/registry';
import type { RunContext } from '@precrop/sdk/core/context';
import { BackendError, CancelledError, toErrorData, UsageError } from '@precrop/sdk/core/errors';
import { startWorker } from '../worker/start-worker.js';
import type { NamedProbe } from './doctor.js';

/** Whether a backend works, asked in a process of its own: a crash there is an answer too. */
export async function probeBackend(name: string, context: RunContext): Promise<NamedProbe> {
  try {
    const worker = await startWorker('probe', name, { context });
    const probe = await worker.call('probe');
    await worker.close();
    return { name, ...probe };
  } catch (error) {
    if (context.signal.aborted) throw error instanceof CancelledError ? error : new CancelledError(undefined, { cause: error });
    return { name, status: 'broken', reason: toErrorData(error).message };
  }
}

/** Every backend's answer, the best backend first. */
export function probeLadder(context: RunContext): Promise<readonly NamedProbe[]> {
  return Promise.all(listBackends().map(({ name }) => probeBackend(name, context)));
}

export interface ResolvedBackend {
  readonly asked: string;
  /** Never `auto`. */
  readonly used: string;
  /** "TensorFlow 2.21.0". */
  readonly version: string;
  /** Better ones that cannot be used here. */
  readonly passedOver: readonly NamedProbe[];
}

/**
 * The backend that a name comes to on this machine; `auto` is the best that works.
 * @throws UsageError for an unknown name; BackendError where none, or the named one not, works here.
 */
export async function resolveBackend(asked: string, context: RunContext): Promise<ResolvedBackend> {
  const names = listBackends().map(({ name }) => name);
  const candidates = asked === 'auto' ? names : names.filter((name) => name === asked);
  if (candidates.length === 0) throw new UsageError(`There is no backend "${asked}". There are: auto, ${names.join(', ')}.`);
  const passedOver: NamedProbe[] = [];
  for (const name of candidates) {
    const probe = await probeBackend(name, context);
    if (probe.status === 'ready' || probe.status === 'limited') return { asked, used: name, version: probe.version ?? '', passedOver };
    passedOver.push(probe);
  }
  const reasons = passedOver.map(({ name, status, reason }) => `${name} is ${status}: ${reason}`).join('; ');
  throw new BackendError(`The backend cannot be used on this machine: ${reasons}. precrop doctor says what to do.`);
}
