import type { Probe } from '@precrop/sdk/backends/backend';

/** `TensorFlow 2.21.0` → `{ tensorflow: '2.21.0' }`. */
export function versionsOf(probe: Probe): Readonly<Record<string, string>> {
  if (!('version' in probe)) return {};
  const [name = '', version = ''] = probe.version.split(' ');
  return { [name.toLowerCase()]: version };
}
