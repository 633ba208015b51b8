/**
 * Channels times a width multiplier, to the nearest multiple of 8, never more than 10 % below what was asked.
 * MobileNetV2, arXiv 1801.04381; the rule is in the code its authors released.
 */
export function roundChannels(channels: number, multiplier: number): number {
  const wanted = channels * multiplier;
  const nearest = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return nearest < 0.9 * wanted ? nearest + 8 : nearest;
}
