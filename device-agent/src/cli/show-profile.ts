import { formatBytes, formatMs, formatPercent, formatSignificant } from '@precrop/sdk/core/units';
import type { DeviceProfile, EngineProfile } from '@precrop/sdk/cost/device-profile';
import { findAlignment } from '@precrop/sdk/cost/find-alignment';
import type { Purpose } from '@precrop/sdk/cost/kernels';
import { fitTimings, toLeftOutErrors } from '../profiler/fit-timings.js';
import { toTextList, toTextTable, wrapText } from './text-table.js';

export interface ProfileTextOptions {
  /** Where it was written; null for nowhere. */
  readonly path: string | null;
  /** The one that this device had before was left in its place, as it is better. */
  readonly isKept?: boolean;
  /** By Ctrl-C, when it had enough. */
  readonly wasStopped?: boolean;
}

/** The profile in words: the device, what was measured of each engine and how well it predicts, and whether it may be trusted. */
export function toProfileText(
  profile: DeviceProfile,
  { path, isKept = false, wasStopped = false }: ProfileTextOptions,
  width: number,
): string {
  const { machine, seconds, verdict, reasons, device, deviceId } = profile;
  const about = toTextList([
    ['Device', `${device} (id ${deviceId})`],
    ['Peak rate', `${machine.peakGflops.toFixed(0)} GFLOP/s in large matrix products`],
    ['Memory', `${formatSignificant(machine.bandwidthGbPerS)} GB/s copied by one thread`],
    ['Measured for', `${formatMs(1000 * seconds)}${wasStopped ? ', until it was stopped' : ''}`],
  ]);
  const table = toTextTable(
    [
      { title: '', least: 12 },
      { title: 'for' },
      { title: 'networks', align: 'right' },
      { title: 'off by (median)', align: 'right' },
      { title: '(90 %)', align: 'right' },
      { title: 'widths in', align: 'right' },
      { title: 'own memory', align: 'right' },
    ],
    [
      ...profile.inference.map((engine) => toRow(engine, 'inference', profile)),
      ...profile.training.map((engine) => toRow(engine, 'training', profile)),
    ],
    width,
  );
  const words = [
    'Off by: how far the others miss a network that was timed. Widths in: multiples of which none is slower than a wider one.',
    ...toAlignmentWords(profile),
    ...(verdict === 'valid' ? [] : [`The profile is ${verdict}:`, ...reasons]),
    ...(isKept ? ['The profile that this device had before is better and stays: measure again when the machine is idle.'] : []),
    ...(path === null ? [] : [`Written to ${path}`]),
  ];
  return [about, table, words.map((line) => wrapText(line, width)).join('\n')].join('\n\n');
}

function toRow(engine: EngineProfile, purpose: Purpose, { machine }: DeviceProfile): readonly string[] {
  const errors = toLeftOutErrors(fitTimings(engine, machine, purpose));
  const align = engine.sweep && findAlignment(engine.sweep);
  const doubtful = engine.timings.filter(({ verdict }) => verdict !== 'valid').length;
  return [
    engine.engine,
    purpose,
    `${engine.timings.length}${doubtful > 0 ? ` (${doubtful} doubtful)` : ''}`,
    errors ? formatPercent(errors.median) : '-',
    errors ? formatPercent(errors.p90) : '-',
    align ? `${align}` : '-',
    engine.baseBytes > 0 ? formatBytes(engine.baseBytes) : '-',
  ];
}

/** The step that costs most: why widths are aligned. */
function toAlignmentWords({ training, inference }: DeviceProfile): readonly string[] {
  const [engine] = [...training, ...inference].filter(({ sweep }) => (sweep?.points.length ?? 0) > 1);
  const points = engine?.sweep?.points ?? [];
  const steps = points.flatMap((narrow) =>
    points.filter(({ channels }) => channels > narrow.channels).map((wide) => ({ narrow, wide, ratio: narrow.medianMs / wide.medianMs })),
  );
  const worst = steps.reduce((most, step) => (step.ratio > most.ratio ? step : most), steps[0] ?? { ratio: 1, narrow: null, wide: null });
  if (!engine || worst.narrow === null || worst.ratio < 1.03) return [];
  return [
    `On ${engine.engine}, ${worst.narrow.channels} channels take ${formatSignificant(worst.ratio)} times as long as ${worst.wide.channels}.`,
  ];
}
