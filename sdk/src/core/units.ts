import { UsageError } from './errors.js';

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** 1536000 → "1.5 MB" (decimal units, as storage is sold and registries print). */
export function formatBytes(bytes: number): string {
  return formatScaled(bytes, byteUnits, ' ');
}

/** 40813184 → "40.8 M". */
export function formatCount(count: number): string {
  return formatScaled(count, ['', 'k', 'M', 'G', 'T'], ' ').trim();
}

/** Milliseconds at three significant digits: "0.24 ms", "78.3 ms", "1.25 s", "3 min 20 s". */
export function formatMs(ms: number): string {
  if (ms < 1000) return `${formatSignificant(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${formatSignificant(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** 0.2513 → "25.1 %". */
export function formatPercent(fraction: number, digits = 1): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}

/** Three significant digits without an exponent. */
export function formatSignificant(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

/**
 * A fraction from "25%", "25 %" or "0.25", in (0, 1].
 * @throws UsageError with the name of the option.
 */
export function parseFraction(text: string, option: string): number {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*$/.exec(text);
  const value = match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : Number.NaN;
  if (!(value > 0 && value <= 1)) {
    throw new UsageError(`${option} is "${text}", but must be above 0 and at most 100%. Write it as 25% or 0.25.`);
  }
  return value;
}

function formatScaled(value: number, units: readonly string[], gap: string): string {
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const text = unit === 0 ? String(Math.round(scaled)) : formatSignificant(scaled);
  return `${text}${gap}${units[unit] ?? ''}`;
}
