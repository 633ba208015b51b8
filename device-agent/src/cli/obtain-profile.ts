import { existsSync } from 'node:fs';
import { UsageError } from '@precrop/sdk/core/errors';
import { formatMs } from '@precrop/sdk/core/units';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import { loadHostDescription } from '../host/load-host-description.js';
import { checkProfileOfHost } from '../profiler/check-profile-of-host.js';
import { createDeviceInstruments } from '../profiler/device-instruments.js';
import { extentPlans } from '../profiler/extents.js';
import { profileDevice } from '../profiler/profile-device.js';
import { toDeviceProfile } from '../profiler/to-device-profile.js';
import type { HostDescription } from '../protocol/host-description.js';
import { deviceProfilePath, loadDeviceProfile, saveDeviceProfile } from '../store/profile-store.js';
import type { Session } from './command-line.js';

export interface ObtainedProfile {
  readonly profile: DeviceProfile;
  readonly host: HostDescription;
  /** It is of another device. */
  readonly isForeign: boolean;
}

/**
 * The profile in a file, or this device's; a quick one is made where there is none. What speaks against it is said.
 * @param verify whether what is planned is to be measured here: then the profile must be of this device, as it is
 * @throws UsageError for a profile that is damaged; and, to verify, for a foreign one and one that is out of date
 */
export async function obtainProfile(path: string | undefined, verify: boolean, session: Session): Promise<ObtainedProfile> {
  const host = await loadHostDescription();
  const isMissing = path === undefined && !existsSync(deviceProfilePath());
  const profile = isMissing ? await profileQuickly(host, session) : await loadDeviceProfile(path);
  const doubts = checkProfileOfHost(profile, host);
  const broken = doubts.find(({ kind }) => kind !== 'unsteady');
  if (broken && verify) {
    throw new UsageError(`${broken.reason} No plan is verified with this one; --no-verify gives what it predicts.`);
  }
  for (const { reason } of doubts) session.context.emit({ type: 'warning', message: reason });
  return { profile, host, isForeign: doubts.some(({ kind }) => kind === 'foreign') };
}

async function profileQuickly(host: HostDescription, session: Session): Promise<DeviceProfile> {
  const plan = extentPlans.quick;
  session.progress.say('This device has no profile yet. Making a quick one; precrop profile makes a better one in a minute.');
  const made = await session.progress.run(
    { title: `Measuring, for ${plan.limitSeconds} s at most` },
    async (emit) => {
      const context = { ...session.context, emit };
      const instruments = createDeviceInstruments(
        { threads: host.limits.usableCores, power: host.power, mostWaitMs: 1000 * plan.mostWaitSeconds },
        context,
      );
      try {
        const { findings, ...measured } = await profileDevice({ plan }, instruments, context);
        return toDeviceProfile(findings, { extent: 'quick', host, createdAt: session.startedAt, ...measured });
      } finally {
        instruments.close();
      }
    },
    ({ seconds }) => `done in ${formatMs(1000 * seconds)}`,
  );
  await saveDeviceProfile(made);
  return made;
}
