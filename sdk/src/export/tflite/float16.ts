/** The largest number that float16 holds. */
export const maxFloat16 = 65504;

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Values as IEEE 754 binary16, rounded to the nearest and ties to even. What is beyond `maxFloat16` becomes infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, roundToFloat16);
}

function roundToFloat16(value: number): number {
  float[0] = value;
  const [word = 0] = bits;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // no number
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more round to infinity
  if (magnitude < 0x38800000) {
    // Below 2^-14 the steps are 2^-24: adding a half makes float32's own rounding drop what is finer.
    float[0] = Math.abs(value) + 0.5;
    return sign | ((bits[0] ?? 0) - 0x3f000000);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13); // exponent 127 → 15, mantissa 23 → 10 bits
}
