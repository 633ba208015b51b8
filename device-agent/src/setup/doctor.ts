import type { NativeLibrary } from './native-library.js';

/** What a backend or a runtime says about itself. */
export interface NamedProbe {
  readonly name: string;
  readonly status: 'ready' | 'limited' | 'absent' | 'broken';
  readonly device?: string;
  readonly version?: string;
  readonly reason?: string;
}

export interface DoctorRow {
  readonly name: string;
  readonly kind: 'backend' | 'runtime';
  readonly status: NamedProbe['status'];
  readonly version: string | null;
  readonly device: string | null;
  /** Why it is not ready, a sentence. */
  readonly reason: string | null;
  /** What the user can do about it, a sentence. */
  readonly remedy: string | null;
}

export interface DoctorReport {
  /** Names of what is used when nothing is asked for: the first backend that works; the first runtime that is ready, else limited. */
  readonly backend: string | null;
  readonly runtime: string | null;
  readonly rows: readonly DoctorRow[];
}

export interface DoctorInput {
  /** In the order of preference. */
  readonly backends: readonly NamedProbe[];
  readonly runtimes: readonly NamedProbe[];
  readonly nativeLibrary: NativeLibrary;
}

/** These stand on the native library: when it is absent, its reason is theirs. */
const nativeNames: ReadonlySet<string> = new Set(['tensorflow-graph', 'tensorflow']);

const newPackages = 'Run npm install again: what it needs is inside its package.';
const graphics = 'It needs a graphics processor with a current driver; on Linux, one for Vulkan.';

/** What helps those that do not stand on the native library. The others belong to another operating system. */
const remedies: Readonly<Record<string, string>> = {
  'onnxruntime/cpu': newPackages,
  'onnxruntime/webgpu': graphics,
  tflite: newPackages,
  'tfjs/webgpu': graphics,
  'tfjs/wasm': newPackages,
  'tfjs/cpu': newPackages,
  'tfjs-eager/webgpu': graphics,
  'tfjs-eager/wasm': newPackages,
  'tfjs-eager/cpu': newPackages,
};

/** The ladder of backends and runtimes as rows: what works, what does not, why, and what to do. */
export function toDoctorReport({ backends, runtimes, nativeLibrary }: DoctorInput): DoctorReport {
  return {
    backend: firstUsable(backends),
    runtime: firstUsable(runtimes),
    rows: [
      ...backends.map((probe) => toRow('backend', probe, nativeLibrary)),
      ...runtimes.map((probe) => toRow('runtime', probe, nativeLibrary)),
    ],
  };
}

function toRow(kind: DoctorRow['kind'], probe: NamedProbe, nativeLibrary: NativeLibrary): DoctorRow {
  const usable = isUsable(probe);
  const isNative = nativeNames.has(probe.name);
  const missing = !usable && isNative && nativeLibrary.status === 'absent' ? nativeLibrary : undefined;
  return {
    name: probe.name,
    kind,
    status: probe.status,
    version: probe.version ?? null,
    device: probe.device ?? null,
    reason: missing?.reason ?? probe.reason ?? null,
    remedy: usable ? null : (missing?.remedy ?? (isNative ? 'Run precrop doctor --repair.' : (remedies[probe.name] ?? null))),
  };
}

// One that is limited is taken only where none is ready.
function firstUsable(probes: readonly NamedProbe[]): string | null {
  return (probes.find(({ status }) => status === 'ready') ?? probes.find(isUsable))?.name ?? null;
}

function isUsable({ status }: NamedProbe): boolean {
  return status === 'ready' || status === 'limited';
}
