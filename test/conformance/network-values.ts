import type { VariableSpec } from '@precrop/sdk/ir/lowering';

// The formulas of test/golden/networks/make-golden.py.

/** 32 well-mixed bits for each index: FNV-1a of the name, then MurmurHash3's finalizer. */
function bits(name: string, count: number): Uint32Array {
  let start = 0x811c9dc5;
  for (const byte of Buffer.from(name)) start = Math.imul(start ^ byte, 0x01000193);
  return Uint32Array.from({ length: count }, (_, index) => {
    let x = (start + Math.imul(index, 0x9e3779b9)) | 0;
    x ^= x >>> 16;
    x = Math.imul(x, 0x85ebca6b);
    x ^= x >>> 13;
    x = Math.imul(x, 0xc2b2ae35);
    return x ^ (x >>> 16);
  });
}

function draw(name: string, count: number, center: number, bound: number): Float32Array {
  return Float32Array.from(bits(name, count), (x) => center + bound * (x / 2 ** 31 - 1));
}

/** Values of a variable. */
export function toVariable({ name, shape, role, initializer }: VariableSpec): Float32Array {
  const size = shape.reduce((product, extent) => product * extent, 1);
  switch (role) {
    case 'kernel':
      if (initializer.kind === 'he-normal') return draw(name, size, 0, Math.sqrt(6 / initializer.fanIn));
      return draw(name, size, 0, Math.sqrt(3 / (shape[0] ?? 1)));
    case 'scale':
      return draw(name, size, 1, 0.2);
    case 'moving-variance':
      return draw(name, size, 1, 0.5);
    case 'slot':
      return new Float32Array(size);
    default:
      return draw(name, size, 0, 0.1);
  }
}

/** [batch, height, width, channels] of unit variance. */
export function toImages(seed: number, batch: number, [height, width, channels]: readonly [number, number, number]): Float32Array {
  return draw(`images/${seed}`, batch * height * width * channels, 0, Math.sqrt(3));
}

export function toLabels(batch: number, classes: number): Int32Array {
  return Int32Array.from(bits('labels', batch), (x) => x % classes);
}

/** The values at the sampled positions; all of them where there are no more than samples. */
export function sample(name: string, values: Float32Array, samples: number): Float32Array {
  if (values.length <= samples) return values;
  return Float32Array.from(bits(`${name}/samples`, samples), (x) => values[x % values.length] as number);
}
