import { createArchitecture } from '@precrop/sdk/architectures/registry';
import type { Rng } from '@precrop/sdk/core/rng';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { type Widths, withWidths } from '@precrop/sdk/ir/widths';
import { drawWidths } from '../profiler/random-widths.js';

/** Widths at which a profile is asked and the device is measured. */
export interface WidthSetting {
  readonly network: string;
  readonly widths: Widths;
  readonly isAligned: boolean;
  readonly architecture: Architecture;
}

const mostDraws = 50;

/** Random settings of networks, none of which the profile was made from, and no two of them equal. */
export function drawSettings(
  networks: readonly string[],
  { aligned, unaligned }: { readonly aligned: number; readonly unaligned: number },
  profile: DeviceProfile,
  rng: Rng,
): readonly WidthSetting[] {
  const known = new Set(listProfiled(profile));
  return networks.flatMap((network) => {
    const original = createArchitecture(network);
    return [...Array(aligned).fill(8), ...Array(unaligned).fill(1)].flatMap((align: number, index) => {
      for (let draw = 0; draw < mostDraws; draw++) {
        const widths = drawWidths(original, align, rng.fork(network, align, index, draw));
        const key = keyOf(network, widths);
        if (known.has(key)) continue;
        known.add(key);
        return [{ network: original.name, widths, isAligned: align > 1, architecture: withWidths(original, widths) }];
      }
      return []; // a network so small that all of its widths were profiled
    });
  });
}

function listProfiled({ inference, training }: DeviceProfile): readonly string[] {
  return [...inference, ...training]
    .flatMap(({ timings, memory }) => [...timings, ...memory])
    .map(({ network, widths }) => keyOf(network, new Map(Object.entries(widths))));
}

function keyOf(network: string, widths: Widths): string {
  return `${network} ${[...widths]
    .map(([group, width]) => `${group}=${width}`)
    .sort()
    .join()}`;
}
