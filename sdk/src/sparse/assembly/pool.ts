import { finish } from './finish';
import { bandOf, heightOf, isBanded, pitchOf, widthOf } from './layout';
import { firstChannelOf, firstRowOf, lastChannelOf, lastRowOf } from './share';

/** The largest value of a window, or the sum times a factor for each pixel where the step has a table of such. */
export function pool(step: usize, share: usize, base: usize): void {
  const last = lastChannelOf(share);
  const firstRow = firstRowOf(share);
  const lastRow = lastRowOf(share);
  const records = <usize>load<u32>(step, 8);
  const output = <usize>load<u32>(step, 12);
  const inPitch = pitchOf(<usize>load<u32>(step, 16));
  const strideX = <usize>load<i32>(step, 24) << 4;
  const rowStep = inPitch * <usize>load<i32>(step, 20);
  const factors = <usize>load<u32>(step, 36);
  const pitch = pitchOf(output);
  const width = widthOf(output);
  for (let c = firstChannelOf(share); c < last; c++) {
    const plane = base + <usize>load<u32>(records + (<usize>c << 4));
    const source = base + <usize>load<u32>(records + (<usize>c << 4), 4); // the window's corner for the first pixel
    let factor = factors + (<usize>(firstRow * width) << 4);
    for (let r = firstRow; r < lastRow; r++) {
      for (let x = 0; x < width; x++) {
        const corner = source + <usize>r * rowStep + <usize>x * strideX;
        let value: v128;
        if (factors == 0) value = largest(step, corner, inPitch);
        else {
          value = f32x4.mul(sum(step, corner, inPitch), v128.load(factor));
          factor += 16;
        }
        v128.store(plane + <usize>r * pitch + (<usize>x << 4), value);
      }
    }
    finish(output, plane, firstRow, lastRow);
  }
}

@inline
function largest(step: usize, corner: usize, pitch: usize): v128 {
  const height = load<i32>(step, 28);
  const width = load<i32>(step, 32);
  let value = v128.load(corner);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) value = f32x4.pmax(value, v128.load(corner + <usize>y * pitch + (<usize>x << 4)));
  }
  return value;
}

@inline
function sum(step: usize, corner: usize, pitch: usize): v128 {
  const height = load<i32>(step, 28);
  const width = load<i32>(step, 32);
  let value = f32x4.splat(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) value = f32x4.add(value, v128.load(corner + <usize>y * pitch + (<usize>x << 4)));
  }
  return value;
}

/** The mean of a channel: one pixel. What lies behind the image is zero there. */
export function average(step: usize, share: usize, base: usize): void {
  const last = lastChannelOf(share);
  const records = <usize>load<u32>(step, 8);
  const output = <usize>load<u32>(step, 12);
  const input = <usize>load<u32>(step, 16);
  const pitch = pitchOf(input);
  const width = <usize>widthOf(input) << 4;
  const rows = bandOf(input);
  const scale = f32x4.splat(1 / <f32>(heightOf(input) * widthOf(input)));
  for (let c = firstChannelOf(share); c < last; c++) {
    const plane = base + <usize>load<u32>(records + (<usize>c << 4));
    let row = base + <usize>load<u32>(records + (<usize>c << 4), 4);
    let total = f32x4.splat(0);
    for (let r = 0; r < rows; r++) {
      let part = f32x4.splat(0);
      for (let p = row; p < row + width; p += 16) part = f32x4.add(part, v128.load(p));
      total = f32x4.add(total, part);
      row += pitch;
    }
    if (isBanded(input)) {
      total = f32x4.add(total, v128.shuffle<i32>(total, total, 1, 0, 3, 2));
      total = f32x4.add(total, v128.shuffle<i32>(total, total, 2, 3, 0, 1));
    }
    v128.store(plane, f32x4.mul(total, scale));
    finish(output, plane, 0, 1);
  }
}
