import { listBackends } from '@precrop/sdk/backends/registry';
import type { RunContext } from '@precrop/sdk/core/context';
import { BackendError, UsageError } from '@precrop/sdk/core/errors';
import type { NamedProbe } from './doctor.js';
import { probeAllApart, probeApart } from './probe-apart.js';

/** Every backend's answer, the best backend first. */
export function probeLadder(context: RunContext): Promise<readonly NamedProbe[]> {
  return probeAllApart(
    listBackends().map(({ name }) => ({ kind: 'backend', name })),
    context,
  );
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
 * The backend that a name comes to on this machine; `auto` is the best that works: one that is limited only where none is ready.
 * @throws UsageError for an unknown name; BackendError where none, or the named one not, works here.
 */
export async function resolveBackend(asked: string, context: RunContext): Promise<ResolvedBackend> {
  const names = listBackends().map(({ name }) => name);
  const candidates = asked === 'auto' ? names : names.filter((name) => name === asked);
  if (candidates.length === 0) throw new UsageError(`There is no backend "${asked}". There are: auto, ${names.join(', ')}.`);
  const passedOver: NamedProbe[] = [];
  let limited: ResolvedBackend | undefined;
  for (const name of candidates) {
    const probe = await probeApart({ kind: 'backend', name }, context);
    const resolved = { asked, used: name, version: probe.version ?? '', passedOver: [...passedOver] };
    if (probe.status === 'ready') return resolved;
    if (probe.status === 'limited') limited ??= resolved;
    passedOver.push(probe);
  }
  if (limited) return limited;
  const reasons = passedOver.map(({ name, status, reason }) => `${name} is ${status}: ${reason}`).join('; ');
  throw new BackendError(`The backend cannot be used on this machine: ${reasons}. precrop doctor says what to do.`);
}
