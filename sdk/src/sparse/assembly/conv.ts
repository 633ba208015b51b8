// Sparse convolution: for every weight that is not zero, a run of pixels times the weight is added to a run of outputs. Elsen et al. 2019, "Fast
// Sparse ConvNets", arXiv 1911.09723; the list of weights with the places that they read from is that of Escort/SkimCaffe, arXiv 1802.10280.
// Seven runs of four lanes at most: with eight, V8 has too few registers and keeps one in memory.
import { finish } from './finish';
import { pitchOf, widthOf } from './layout';
import { firstChannelOf, firstRowOf, lastChannelOf, lastRowOf, tapOf } from './share';

// Numbers that are known when this is compiled: the bytes of a type.
@unmanaged class One { a: u8; }
@unmanaged class Two { a: u16; }
@unmanaged class Three { a: u16; b: u8; }
@unmanaged class Four { a: u32; }
@unmanaged class Five { a: u32; b: u8; }
@unmanaged class Six { a: u32; b: u16; }
@unmanaged class Seven { a: u32; b: u16; c: u8; }
@unmanaged class Next { a: u64; b: u64; }
@unmanaged class Second { a: u64; b: u64; c: u64; d: u64; }

/** Pointers of the records and of the weights count from `base`. */
export function convolve(step: usize, share: usize, base: usize): void {
  const first = firstChannelOf(share);
  const last = lastChannelOf(share);
  const tap = tapOf(share);
  const firstRow = firstRowOf(share);
  const lastRow = lastRowOf(share);
  const output = <usize>load<u32>(step, 12);
  const rowStep = pitchOf(<usize>load<u32>(step, 16)) * <usize>load<i32>(step, 20);
  const strideX = load<i32>(step, 24);
  const pitch = pitchOf(output);
  const width = widthOf(output);
  const most = strideX > 2 ? 1 : 7;
  for (let r = firstRow; r < lastRow; r++) {
    let runs = (width + most - 1) / most;
    let x = 0;
    // A row as runs of as equal lengths as there are: first all of the longer one, then all of the shorter.
    while (runs > 0) {
      const length = (width - x + runs - 1) / runs;
      const equal = runs - (runs * length - (width - x));
      const source = base + <usize>r * rowStep + (<usize>(x * strideX) << 4);
      const target = base + <usize>r * pitch + (<usize>x << 4);
      if (strideX == 1) convolveRuns<Next>(length, equal, step, first, last, tap, source, target);
      else if (strideX == 2) convolveRuns<Second>(length, equal, step, first, last, tap, source, target);
      else run<One, Next>(1, step, first, last, tap, source, target);
      const passed = strideX > 2 ? 1 : equal;
      x += passed * length;
      runs -= passed;
    }
  }
  const records = <usize>load<u32>(step, 8);
  for (let c = first; c < last; c++) finish(output, base + <usize>load<u32>(records + (<usize>c << 4)), firstRow, lastRow);
}

@inline
function convolveRuns<S>(length: i32, count: i32, step: usize, first: i32, last: i32, tap: usize, source: usize, target: usize): void {
  if (length == 7) run<Seven, S>(count, step, first, last, tap, source, target);
  else if (length == 6) run<Six, S>(count, step, first, last, tap, source, target);
  else if (length == 5) run<Five, S>(count, step, first, last, tap, source, target);
  else if (length == 4) run<Four, S>(count, step, first, last, tap, source, target);
  else if (length == 3) run<Three, S>(count, step, first, last, tap, source, target);
  else if (length == 2) run<Two, S>(count, step, first, last, tap, source, target);
  else run<One, S>(count, step, first, last, tap, source, target);
}

/** Some runs of N pixels in each of the channels; input pixels stand S bytes apart. */
function run<N, S>(count: i32, step: usize, first: i32, last: i32, tap: usize, source: usize, target: usize): void {
  const low = v128.load32_splat(step, 28);
  const high = v128.load32_splat(step, 32);
  const hasResidual = load<i32>(step, 36) != 0;
  const records = <usize>load<u32>(step, 8);
  let record = records + (<usize>first << 4);
  const lastRecord = records + (<usize>last << 4);
  const sourceEnd = source + <usize>count * offsetof<N>() * offsetof<S>();
  for (; record < lastRecord; record += 16) {
    const end = <usize>load<u32>(record, 12);
    let o = target + <usize>load<u32>(record);
    for (let s = source; s < sourceEnd; s += offsetof<N>() * offsetof<S>()) {
      let a0 = v128.load32_splat(record, 8);
      let a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
      for (let t = tap; t < end; t += 8) {
        const p = s + <usize>load<u32>(t);
        const w = v128.load32_splat(t, 4);
        a0 = f32x4.add(f32x4.mul(w, v128.load(p)), a0);
        if (offsetof<N>() > 1) a1 = f32x4.add(f32x4.mul(w, v128.load(p, offsetof<S>())), a1);
        if (offsetof<N>() > 2) a2 = f32x4.add(f32x4.mul(w, v128.load(p, 2 * offsetof<S>())), a2);
        if (offsetof<N>() > 3) a3 = f32x4.add(f32x4.mul(w, v128.load(p, 3 * offsetof<S>())), a3);
        if (offsetof<N>() > 4) a4 = f32x4.add(f32x4.mul(w, v128.load(p, 4 * offsetof<S>())), a4);
        if (offsetof<N>() > 5) a5 = f32x4.add(f32x4.mul(w, v128.load(p, 5 * offsetof<S>())), a5);
        if (offsetof<N>() > 6) a6 = f32x4.add(f32x4.mul(w, v128.load(p, 6 * offsetof<S>())), a6);
      }
      if (hasResidual) {
        const q = o + <usize>load<u32>(record, 4);
        a0 = f32x4.add(a0, v128.load(q));
        if (offsetof<N>() > 1) a1 = f32x4.add(a1, v128.load(q, 16));
        if (offsetof<N>() > 2) a2 = f32x4.add(a2, v128.load(q, 32));
        if (offsetof<N>() > 3) a3 = f32x4.add(a3, v128.load(q, 48));
        if (offsetof<N>() > 4) a4 = f32x4.add(a4, v128.load(q, 64));
        if (offsetof<N>() > 5) a5 = f32x4.add(a5, v128.load(q, 80));
        if (offsetof<N>() > 6) a6 = f32x4.add(a6, v128.load(q, 96));
      }
      v128.store(o, clamp(a0, low, high));
      if (offsetof<N>() > 1) v128.store(o, clamp(a1, low, high), 16);
      if (offsetof<N>() > 2) v128.store(o, clamp(a2, low, high), 32);
      if (offsetof<N>() > 3) v128.store(o, clamp(a3, low, high), 48);
      if (offsetof<N>() > 4) v128.store(o, clamp(a4, low, high), 64);
      if (offsetof<N>() > 5) v128.store(o, clamp(a5, low, high), 80);
      if (offsetof<N>() > 6) v128.store(o, clamp(a6, low, high), 96);
      o += offsetof<N>() << 4;
    }
    tap = end;
  }
}

// The pseudo-minimum and -maximum are one instruction each, and let what is no number through.
@inline
function clamp(value: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(value, low), high);
}
