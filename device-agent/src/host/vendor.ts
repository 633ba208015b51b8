const vendors: readonly (readonly [RegExp, string])[] = [
  [/nvidia/i, 'NVIDIA'],
  [/\bAMD\b|AuthenticAMD|Advanced Micro Devices|\bATI\b|Radeon|Ryzen|EPYC/i, 'AMD'],
  [/intel/i, 'Intel'],
  [/apple/i, 'Apple'],
  [/qualcomm|snapdragon|adreno/i, 'Qualcomm'],
  [/broadcom|\bBCM\d|videocore|\bv3d\b/i, 'Broadcom'],
  [/ampere/i, 'Ampere'],
  [/aws|graviton/i, 'Amazon'],
  [/rockchip|\bRK3\d/i, 'Rockchip'],
  [/\barm\b|cortex|neoverse|mali/i, 'ARM'],
];

/** One name a maker: of "Advanced Micro Devices, Inc. [AMD/ATI]" and "AuthenticAMD", "AMD". Null where nothing names one that is known. */
export function toVendor(...texts: readonly (string | null | undefined)[]): string | null {
  for (const text of texts) {
    const known = vendors.find(([pattern]) => text && pattern.test(text));
    if (known) return known[1];
  }
  return null;
}
