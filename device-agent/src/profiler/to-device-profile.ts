import { BackendError } from '@precrop/sdk/core/errors';
import { formatPercent } from '@precrop/sdk/core/units';
import type { CoreState, DeviceProfile, ProfileTiming } from '@precrop/sdk/cost/device-profile';
import { toHost } from '../host/host.js';
import { joinAdapters } from '../host/join-adapters.js';
import { type Judgement, type Verdict, worstVerdict } from '../measure/validity.js';
import type { HostDescription } from '../protocol/host-description.js';
import type { Extent } from './extents.js';
import type { Findings } from './findings.js';

export interface ProfileSetting {
  readonly extent: Extent;
  readonly host: HostDescription;
  readonly createdAt: Date;
  readonly steadiness: Judgement;
  /** How two cores stood to each other; null where that is not known. */
  readonly cores: CoreState | null;
}

/** More networks than this share that were not timed well make the whole doubtful. */
const mostNoisy = 0.25;
const mostInvalid = 0.5;

/** @throws BackendError for findings without any runtime. */
export function toDeviceProfile(findings: Findings, { extent, host, createdAt, steadiness, cores }: ProfileSetting): DeviceProfile {
  const { machine, inference, training, answers, seconds } = findings;
  if (!machine || inference.length === 0) throw new BackendError('Nothing was measured that a profile could be made of.');
  const judged = [
    judgeTimings(inference[0]?.timings ?? [], 'inference', findings),
    judgeTimings(training[0]?.timings ?? [], 'training', findings),
  ];
  // A machine that was busy before, and then left us alone, does not count.
  const verdict = worstVerdict(judged.map((each) => each.verdict));
  return {
    schemaVersion: 4,
    createdAt: createdAt.toISOString(),
    seconds: Math.max(0.001, Number(seconds.toFixed(3))),
    extent,
    deviceId: host.deviceId,
    device: toHost(host).device,
    host: { ...joinAdapters(host, answers) },
    machine: { ...machine, cores },
    inference,
    training,
    verdict,
    reasons: verdict === 'valid' ? [] : [...new Set([...judged.flatMap(({ reasons }) => reasons), ...steadiness.reasons])],
  };
}

function judgeTimings(
  timings: readonly ProfileTiming[],
  what: string,
  { lastDoubt }: Findings,
): { readonly verdict: Verdict; readonly reasons: readonly string[] } {
  if (timings.length === 0) return { verdict: 'valid', reasons: [] };
  const shareOf = (verdicts: readonly Verdict[]): number =>
    timings.filter(({ verdict }) => verdicts.includes(verdict)).length / timings.length;
  const [doubtful, invalid] = [shareOf(['noisy', 'invalid']), shareOf(['invalid'])];
  if (doubtful <= mostNoisy) return { verdict: 'valid', reasons: [] };
  const reason = `${formatPercent(doubtful, 0)} of the ${timings.length} networks that were timed for ${what} could not be timed well${lastDoubt === null ? '.' : `, the last because: ${lastDoubt}`}`;
  return { verdict: invalid > mostInvalid ? 'invalid' : 'noisy', reasons: [reason] };
}
