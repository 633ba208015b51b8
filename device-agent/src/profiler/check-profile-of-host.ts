import type { DeviceProfile, EngineProfile } from '@precrop/sdk/cost/device-profile';
import { toHost } from '../host/host.js';
import { type HostDescription, hostDescriptionSchema } from '../protocol/host-description.js';

/** Why a profile may not tell what this machine does. */
export interface ProfileDoubt {
  /** `foreign`: of another device, so that no plan of it holds here. `stale`: of this one, as it was. `unsteady`: measured badly. */
  readonly kind: 'foreign' | 'stale' | 'unsteady';
  /** A sentence. */
  readonly reason: string;
}

const remedy = 'Make it anew with precrop profile.';

/** Everything that speaks against using a profile on this host; empty where nothing does. */
export function checkProfileOfHost(profile: DeviceProfile, host: HostDescription): readonly ProfileDoubt[] {
  if (profile.deviceId !== host.deviceId) {
    return [
      {
        kind: 'foreign',
        reason: `The profile is of another device, ${describe(profile.device, profile.deviceId)}, and this is ${describe(toHost(host).device, host.deviceId)}. Make one of this device with precrop profile.`,
      },
    ];
  }
  const stale = [...compareCores(profile, host), ...compareVersions(profile, host), ...compareLimits(profile, host)];
  const unsteady =
    profile.verdict === 'valid'
      ? []
      : [
          `The profile is ${profile.verdict}: ${profile.reasons.join(' ') || 'the machine was not steady.'} Measure again when the machine is idle.`,
        ];
  return [
    ...stale.map((reason) => ({ kind: 'stale' as const, reason })),
    ...unsteady.map((reason) => ({ kind: 'unsteady' as const, reason })),
  ];
}

function compareCores({ host: then }: DeviceProfile, { limits }: HostDescription): readonly string[] {
  const known = hostDescriptionSchema.safeParse(then);
  if (!known.success || known.data.limits.usableCores === limits.usableCores) return [];
  return [
    `The profile was measured on ${count(known.data.limits.usableCores)}, and now ${count(limits.usableCores)} can be used. ${remedy}`,
  ];
}

/** Only of what ran: another library's update changes nothing. */
function compareVersions({ host: then, inference, training }: DeviceProfile, { versions }: HostDescription): readonly string[] {
  const known = hostDescriptionSchema.safeParse(then);
  if (!known.success) return [];
  const libraries = new Set(['node', ...[...inference, ...training].flatMap(listLibraries)]);
  return [...libraries].flatMap((name) => {
    const [before, now] = [known.data.versions[name], versions[name]];
    if (before === undefined || before === now) return [];
    return [`The profile was measured with ${name} ${before}, and ${now === undefined ? 'it is gone now' : `now it is ${now}`}. ${remedy}`];
  });
}

function compareLimits({ host: then }: DeviceProfile, { cpu, os }: HostDescription): readonly string[] {
  const known = hostDescriptionSchema.safeParse(then);
  if (!known.success) return [];
  const { cpu: cpuThen, os: osThen } = known.data;
  return [
    ...(cpuThen.model === cpu.model
      ? []
      : [`The profile was measured on "${cpuThen.model}", and the processor is now "${cpu.model}". ${remedy}`]),
    ...(osThen.platform === os.platform && osThen.arch === os.arch
      ? []
      : [`The profile was measured under ${osThen.platform} on ${osThen.arch}, and this is ${os.platform} on ${os.arch}. ${remedy}`]),
  ];
}

/** Names in the host's versions of what an engine is made of. */
function listLibraries({ engine }: EngineProfile): readonly string[] {
  if (engine.startsWith('onnxruntime')) return ['onnxruntime-node'];
  if (engine.startsWith('tfjs') || engine === 'tflite') return ['tfjs'];
  return engine.startsWith('tensorflow') ? ['libtensorflow', 'tfjs-node'] : [];
}

function describe(device: string, id: string): string {
  return `"${device}" (id ${id})`;
}

function count(cores: number): string {
  return `${cores} ${cores === 1 ? 'core' : 'cores'}`;
}
