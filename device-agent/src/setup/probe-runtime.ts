import { findClosest } from '@precrop/sdk/architectures/closest-text';
import type { RunContext } from '@precrop/sdk/core/context';
import { UsageError } from '@precrop/sdk/core/errors';
import { listRuntimes } from '@precrop/sdk/runtimes/registry';
import type { NamedProbe } from './doctor.js';
import { probeAllApart } from './probe-apart.js';

/** Every runtime's answer, in the order of preference, or those of the runtimes that are named. */
export function probeRuntimeLadder(context: RunContext, names: readonly string[] = runtimeNames()): Promise<readonly NamedProbe[]> {
  return probeAllApart(
    names.map((name) => ({ kind: 'runtime', name })),
    context,
  );
}

/** Those that can be used; the limited ones only where none is ready. */
export function pickUsable(probes: readonly NamedProbe[]): readonly NamedProbe[] {
  const ready = probes.filter(({ status }) => status === 'ready');
  return ready.length > 0 ? ready : probes.filter(({ status }) => status === 'limited');
}

/**
 * The runtimes that a person wrote: `all`, or names with commas between them, of one (`onnxruntime/cpu`) or of a family (`tfjs`).
 * @throws UsageError for a name that is none.
 */
export function parseRuntimes(text: string, option = '--runtime'): readonly string[] {
  const all = runtimeNames();
  const named = text.split(',').flatMap((part) => {
    const name = part.trim();
    const found = name === 'all' ? all : all.filter((each) => each === name || each.split('/')[0] === name);
    if (found.length > 0) return found;
    const closest = findClosest(name, all);
    const hint = closest === undefined ? '' : ` Did you mean ${closest}?`;
    throw new UsageError(`${option} names "${name}", but must be all, or some of: ${all.join(', ')}.${hint}`);
  });
  return all.filter((name) => named.includes(name));
}

function runtimeNames(): readonly string[] {
  return listRuntimes().map(({ name }) => name);
}
