import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** JSON with sorted keys: equal values give equal text. */
export function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** SHA-256 of a value's canonical JSON, lower-case hex. A run is named by the hash of its description. */
export function hashOf(value: unknown): string {
  return bytesToHex(sha256(new TextEncoder().encode(toCanonicalJson(value))));
}
