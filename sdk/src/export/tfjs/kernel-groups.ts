/** Kernels of a convolution's groups, [.., outC / groups] each, and all of them, [.., outC]. `inner` is the last axis of one group. */
export function splitKernel(kernel: Float32Array, groups: number, inner: number): Float32Array[] {
  return Array.from({ length: groups }, (_, group) => {
    const part = new Float32Array(kernel.length / groups);
    for (let row = 0; row * inner < part.length; row++) {
      const from = (row * groups + group) * inner;
      part.set(kernel.subarray(from, from + inner), row * inner);
    }
    return part;
  });
}

/** The reverse of splitKernel. */
export function joinKernels(parts: readonly Float32Array[], inner: number): Float32Array {
  const kernel = new Float32Array(parts.reduce((size, part) => size + part.length, 0));
  for (const [group, part] of parts.entries()) {
    for (let row = 0; row * inner < part.length; row++) {
      kernel.set(part.subarray(row * inner, (row + 1) * inner), (row * parts.length + group) * inner);
    }
  }
  return kernel;
}
