import type { Probe } from '@precrop/sdk/backends/backend';

/** `TensorFlow 2.21.0` → `{ tensorflow: '2.21.0' }`, `ONNX Runtime 1.30.0` → `{ 'onnx-runtime': '1.30.0' }`. */
export function versionsOf(probe: Probe): Readonly<Record<string, string>> {
  const [, name, version] = /^(.+?) (\d\S*)/.exec('version' in probe ? probe.version : '') ?? [];
  return name === undefined || version === undefined ? {} : { [name.toLowerCase().replaceAll(' ', '-')]: version };
}
