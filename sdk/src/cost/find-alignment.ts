import type { AlignmentSweep } from './device-profile.js';

const multiples = [1, 2, 4, 8, 16, 32] as const;
/** A width that is so much slower than a wider one, as a fraction, is one to avoid; less may be noise. */
const slower = 0.03;

/**
 * The smallest multiple that widths should be rounded to: none of its multiples is slower than some wider width of the sweep. It must have shown
 * in a width that is no multiple of its double. Null where no multiple is like that.
 */
export function findAlignment({ points }: AlignmentSweep): number | null {
  const isAvoided = (channels: number, ms: number): boolean =>
    points.some((wider) => wider.channels > channels && ms > (1 + slower) * wider.medianMs);
  const found = multiples.find((multiple) => {
    const own = points.filter(({ channels }) => channels % multiple === 0);
    const hasShown = own.some(({ channels }) => channels % (2 * multiple) !== 0);
    return hasShown && own.every(({ channels, medianMs }) => !isAvoided(channels, medianMs));
  });
  return points.length < 2 ? null : (found ?? null);
}
