import { finish } from './finish';
import { bandOf, fillOf, heightOf, isBanded, pitchOf, widthOf } from './layout';
import { firstChannelOf, firstRowOf, lastChannelOf, lastRowOf } from './share';

/** Channels of images [n, h, w, c] as planes: `count` images in the lanes, or the bands of one. */
export function pack(step: usize, share: usize, base: usize, images: usize, count: i32): void {
  const records = <usize>load<u32>(step, 8);
  const output = <usize>load<u32>(step, 12);
  const channels = <usize>load<i32>(step, 20);
  const height = heightOf(output);
  const width = widthOf(output);
  const band = bandOf(output);
  const pitch = pitchOf(output);
  const banded = isBanded(output);
  const fill = f32x4.extract_lane(fillOf(output), 0);
  const laneBytes = (<usize>((banded ? band : height) * width) * channels) << 2;
  for (let c = firstChannelOf(share); c < lastChannelOf(share); c++) {
    const plane = base + <usize>load<u32>(records + (<usize>c << 4));
    for (let r = firstRowOf(share); r < lastRowOf(share); r++) {
      const lanes = banded ? (r < height ? (height - 1 - r) / band + 1 : 0) : count;
      let pixel = images + ((<usize>(r * width) * channels + <usize>c) << 2);
      let target = plane + <usize>r * pitch;
      for (let x = 0; x < width; x++) {
        store<f32>(target, lanes > 0 ? load<f32>(pixel) : fill);
        store<f32>(target, lanes > 1 ? load<f32>(pixel + laneBytes) : fill, 4);
        store<f32>(target, lanes > 2 ? load<f32>(pixel + 2 * laneBytes) : fill, 8);
        store<f32>(target, lanes > 3 ? load<f32>(pixel + 3 * laneBytes) : fill, 12);
        pixel += channels << 2;
        target += 16;
      }
    }
    finish(output, plane, firstRowOf(share), lastRowOf(share));
  }
}

/** The same values in bands of another height, or with something else around them. */
export function repack(step: usize, share: usize, base: usize): void {
  const records = <usize>load<u32>(step, 8);
  const output = <usize>load<u32>(step, 12);
  const input = <usize>load<u32>(step, 16);
  const height = heightOf(output);
  const width = <usize>widthOf(output) << 4;
  const band = bandOf(output);
  const inBand = bandOf(input);
  for (let c = firstChannelOf(share); c < lastChannelOf(share); c++) {
    const plane = base + <usize>load<u32>(records + (<usize>c << 4));
    const source = base + <usize>load<u32>(records + (<usize>c << 4), 4);
    for (let r = firstRowOf(share); r < lastRowOf(share); r++) {
      const target = plane + <usize>r * pitchOf(output);
      if (band == inBand) {
        memory.copy(target, source + <usize>r * pitchOf(input), width);
        continue;
      }
      for (let lane = 0; lane < 4; lane++) {
        const row = lane * band + r;
        if (row >= height) continue;
        const sourceLane = row / inBand;
        const from = source + <usize>(row - sourceLane * inBand) * pitchOf(input) + (<usize>sourceLane << 2);
        const to = target + (<usize>lane << 2);
        for (let x: usize = 0; x < width; x += 16) store<f32>(to + x, load<f32>(from + x));
      }
    }
    finish(output, plane, firstRowOf(share), lastRowOf(share));
  }
}

/** Logits [n, classes] of the images in the lanes. */
export function unpack(step: usize, share: usize, base: usize, logits: usize, count: i32): void {
  const records = <usize>load<u32>(step, 8);
  const classes = <usize>load<i32>(step, 20);
  for (let c = firstChannelOf(share); c < lastChannelOf(share); c++) {
    const value = base + <usize>load<u32>(records + (<usize>c << 4), 4);
    for (let lane = 0; lane < count; lane++) {
      store<f32>(logits + ((<usize>lane * classes + <usize>c) << 2), load<f32>(value + (<usize>lane << 2)));
    }
  }
}
