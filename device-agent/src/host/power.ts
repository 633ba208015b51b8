import type { PowerDescription } from '../protocol/host-description.js';
import { askProgram } from './ask-program.js';
import type { BatteryAnswer } from './ask-system.js';
import { type ReadText, readText } from './read-text.js';

/** Whether the system holds back to save power, and its own word for how it runs. */
export type PowerMode = Pick<PowerDescription, 'isSaving' | 'profile'>;

const unknownMode: PowerMode = { isSaving: null, profile: null };

export function toPower(answer: BatteryAnswer | undefined, mode: PowerMode = unknownMode): PowerDescription {
  if (!answer) return { source: 'unknown', batteryPercent: null, ...mode };
  const { hasBattery, acConnected, percent } = answer;
  const isKnown = hasBattery && Number.isFinite(percent);
  return {
    source: hasBattery && !acConnected ? 'battery' : 'mains',
    batteryPercent: isKnown ? Math.min(100, Math.max(0, Math.round(percent))) : null,
    ...mode,
  };
}

/** In words: "mains", "battery 63 %" or "unknown". */
export function describePower({ source, batteryPercent }: Pick<PowerDescription, 'source' | 'batteryPercent'>): string {
  return source === 'battery' && batteryPercent !== null ? `battery ${batteryPercent} %` : source;
}

export async function loadPowerMode(platform: string = process.platform): Promise<PowerMode> {
  if (platform === 'darwin') return parsePmset(await askProgram('pmset', ['-g']));
  if (platform === 'win32') return parsePowercfg(await askProgram('powercfg', ['/getactivescheme']));
  if (platform !== 'linux') return unknownMode;
  const mode = readLinuxMode(readText);
  return mode.profile === null ? parseProfile(await askProgram('powerprofilesctl', ['get'])) : mode;
}

/** Linux's profile of the firmware; else what the processor was told to prefer. */
export function readLinuxMode(read: ReadText): PowerMode {
  const profile = parseProfile(read('/sys/firmware/acpi/platform_profile'));
  const preference = parseProfile(read('/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference'));
  return profile.profile === null ? preference : { ...profile, isSaving: profile.isSaving || preference.isSaving };
}

/** A word of Linux: "low-power", "power-saver", "balanced", "performance". */
export function parseProfile(text: string | null): PowerMode {
  const profile = /^[a-z]+([-_][a-z]+)*$/.exec(text?.trim() ?? '')?.[0];
  if (profile === undefined) return unknownMode;
  return { isSaving: ['low-power', 'quiet', 'power-saver', 'power'].includes(profile), profile };
}

/** What `pmset -g` says in macOS: " lowpowermode         1", or on newer machines " powermode            1", where 2 is high power. */
export function parsePmset(text: string | null): PowerMode {
  const mode = /^\s*(?:low)?powermode\s+(\d)/m.exec(text ?? '')?.[1];
  const profile = { 0: 'automatic', 1: 'low-power', 2: 'high-power' }[Number(mode)];
  return profile === undefined ? unknownMode : { isSaving: mode === '1', profile };
}

// A scheme's name is in the user's language and may be of the user's making: its id tells.
const schemes: Readonly<Record<string, string>> = {
  'a1841308-3541-4fab-bc81-f71556f20b4a': 'power-saver',
  '381b4222-f694-41f0-9685-ff5bb260df2e': 'balanced',
  '8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c': 'high-performance',
  'e9a42b02-d5df-448d-aa00-03f14749eb61': 'ultimate-performance',
};

/** What `powercfg /getactivescheme` says in Windows: "Power Scheme GUID: 381b4222-…  (Balanced)". */
export function parsePowercfg(text: string | null): PowerMode {
  const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(text ?? '')?.[0].toLowerCase();
  const profile = id === undefined ? undefined : schemes[id];
  return profile === undefined ? unknownMode : { isSaving: profile === 'power-saver', profile };
}
