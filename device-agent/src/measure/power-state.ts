/** Where the machine's power comes from; a description of the host has it. */
export interface PowerState {
  readonly source: 'mains' | 'battery' | 'unknown';
  /** Null where there is no battery, or it is unknown. */
  readonly batteryPercent: number | null;
  /** Whether the system saves power at the cost of speed; null where it does not tell. */
  readonly isSaving: boolean | null;
}

/** At so low a battery systems turn their saver on by themselves: Windows at 20 or 30 %, most others at 20 %. */
const lowPercent = 20;

/** Sentences that say why the power supply makes times doubtful. A battery alone does not: many a device has nothing else. */
export function toPowerReasons(power: PowerState | string): readonly string[] {
  const { source, batteryPercent, isSaving } = typeof power === 'string' ? parsePowerState(power) : power;
  if (isSaving) return ['The battery saver is on: it lowers the clock rate. Turn it off, or plug the device in, and measure again.'];
  if (isSaving === null && source === 'battery' && batteryPercent !== null && batteryPercent <= lowPercent) {
    return [
      `The battery is at ${Math.round(batteryPercent)} %, where many systems lower the clock rate: plug the device in, and measure again.`,
    ];
  }
  return [];
}

/** From words such as "mains", "battery 63 %" and "battery 63 %, saver on"; what they do not say is null. */
export function parsePowerState(words: string): PowerState {
  const [, source = 'unknown'] = /\b(mains|battery)\b/.exec(words) ?? [];
  const [, percent] = /(\d+(?:\.\d+)?) ?%/.exec(words) ?? [];
  const [, saver] = /\bsaver(?: is)? (on|off)\b/.exec(words) ?? [];
  return {
    source: source as PowerState['source'],
    batteryPercent: percent === undefined ? null : Number(percent),
    isSaving: saver === undefined ? null : saver === 'on',
  };
}
