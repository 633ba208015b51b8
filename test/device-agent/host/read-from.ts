import type { ReadText } from '@precrop/device-agent/host/read-text';

/** Files of a system that is not this one. */
export function readFrom(files: Readonly<Record<string, string>>): ReadText {
  return (path) => files[path] ?? null;
}
