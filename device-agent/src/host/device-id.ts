import { hashOf } from '@precrop/sdk/core/hash';
import type { HostDescription } from '../protocol/host-description.js';

/** What a device can be told from others by. It stays here; only its hash leaves. */
export interface DeviceIdentity {
  /** The id of its system; a container may have the one of the image that it was made of. */
  readonly machineId: string | null;
  readonly isContainer: boolean;
  /** What does not change from one start to the next: processor, cores, memory. */
  readonly facts: readonly string[];
}

/** The id is useless elsewhere: no other product's hash of the same machine is equal. */
const productSalt = 'precrop device id, version 1';

/** @param salt of a fleet's own: two fleets cannot see that they have a device in common */
export function toDeviceId(
  { machineId, isContainer, facts }: DeviceIdentity,
  salt = '',
): Pick<HostDescription, 'deviceId' | 'deviceIdFrom'> {
  const id = machineId?.trim().toLowerCase() ?? '';
  const isKnown = /[1-9a-f]/.test(id) && !/^(unknown|uninitialized|none)$/.test(id) && !isFilledIn(id);
  const known = isKnown ? (isContainer ? [id, ...facts] : [id]) : facts;
  return {
    deviceId: hashOf([productSalt, salt, isKnown ? 'machine' : 'facts', known]).slice(0, 16),
    deviceIdFrom: isKnown ? 'machine' : 'facts',
  };
}

// What boards have whose maker gave them no id: the same on all of them.
function isFilledIn(id: string): boolean {
  const digits = id.replaceAll('-', '');
  return new Set(digits).size < 4 || id === '03000200-0400-0500-0006-000700080009';
}
