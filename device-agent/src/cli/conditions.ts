import { type Host, loadHost } from '../host/host.js';
import type { Conditions, JsonDocument } from '../protocol/json-document.js';
import type { Session } from './command-line.js';

type Ran = Partial<Pick<Conditions, 'threads' | 'batch' | 'runtime' | 'runtimeUsed' | 'versions'>>;

/** What a document's numbers hold under: this machine, and what ran on it, if anything did. */
export function toConditions(host: Host, session: Pick<Session, 'startedAt'>, ran: Ran = {}): JsonDocument['conditions'] {
  return {
    runtime: 'none',
    runtimeUsed: ran.runtime ?? 'none',
    device: host.device,
    power: host.power,
    startedAt: session.startedAt.toISOString(),
    ...ran,
    versions: { ...host.versions, ...ran.versions },
  };
}

/** The version of the library that ran: of "onnxruntime/cpu" and "ONNX Runtime 1.30.0", `{ onnxruntime: '1.30.0' }`. */
export function toLibraryVersion(runtime: string, version: string): Readonly<Record<string, string>> {
  return { [runtime.split('/')[0] ?? runtime]: version.split(' ').at(-1) ?? version };
}

/** The conditions of a command that counted and ran nothing. */
export async function loadConditions(session: Pick<Session, 'startedAt'>): Promise<JsonDocument['conditions']> {
  return toConditions(await loadHost(), session);
}
