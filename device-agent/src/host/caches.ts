import type { CacheSizes } from '../protocol/host-description.js';
import type { ProcessorAnswer } from './ask-system.js';
import type { ReadText } from './read-text.js';

const system = '/sys/devices/system/cpu';

/** As a core of the fastest kind sees them, from Linux's /sys; null where that has none. */
export function readCaches(read: ReadText, logicalCores: number): CacheSizes | null {
  const core = findFastCore(read, logicalCores);
  const sizes = new Map<string, number>();
  for (let index = 0; index < 6; index++) {
    const folder = `${system}/cpu${core}/cache/index${index}`;
    const bytes = parseCacheSize(read(`${folder}/size`));
    if (bytes !== null) sizes.set(`${read(`${folder}/level`)?.trim()} ${read(`${folder}/type`)?.trim()}`, bytes);
  }
  if (sizes.size === 0) return null;
  const find = (...keys: readonly string[]): number | null =>
    keys.map((key) => sizes.get(key)).find((bytes) => bytes !== undefined) ?? null;
  return {
    l1dBytes: find('1 Data', '1 Unified'),
    l1iBytes: find('1 Instruction', '1 Unified'),
    l2Bytes: find('2 Unified', '2 Data'),
    l3Bytes: find('3 Unified'),
  };
}

/** What systeminformation says, where that is a core's: Windows tells sums over equal cores, and Linux's are read elsewhere. */
export function toCaches(answer: ProcessorAnswer | undefined, platform: string): CacheSizes {
  const cores = answer?.physicalCores || 0;
  const ofOne = (sum: number | undefined): number | null => {
    if (platform === 'linux' || !sum || sum <= 0) return null;
    if (platform !== 'win32') return sum;
    return cores > 0 && sum % (cores * 1024) === 0 ? sum / cores : null;
  };
  const { l1d, l1i, l2, l3 } = answer?.cache ?? {};
  return { l1dBytes: ofOne(l1d), l1iBytes: ofOne(l1i), l2Bytes: ofOne(l2), l3Bytes: l3 && l3 > 0 && platform !== 'linux' ? l3 : null };
}

/** "48K", "32768K", "1M" → bytes. */
export function parseCacheSize(text: string | null): number | null {
  const match = /^(\d+)([KMG]?)$/.exec(text?.trim() ?? '');
  if (!match) return null;
  const scale = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[match[2] as '' | 'K' | 'M' | 'G'];
  return Number(match[1]) * scale || null;
}

// Of a processor with large and small cores, the first and the last are of different kinds.
function findFastCore(read: ReadText, logicalCores: number): number {
  const last = Math.max(0, logicalCores - 1);
  const speed = (core: number): number =>
    Number(read(`${system}/cpu${core}/cpu_capacity`) ?? read(`${system}/cpu${core}/cpufreq/cpuinfo_max_freq`) ?? 0);
  return speed(last) > speed(0) ? last : 0;
}
