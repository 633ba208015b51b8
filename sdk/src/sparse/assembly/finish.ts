import { bandOf, bottomOf, fillOf, heightOf, isBanded, pitchOf, topOf, widthOf } from './layout';

/**
 * Makes the rows [first, last) of a channel ready to be read by windows. Around four images stands what was there before the first one came. Around bands
 * stand the rows of others, which are written here as far as they are made of these rows.
 */
export function finish(layout: usize, plane: usize, first: i32, last: i32): void {
  if (!isBanded(layout)) return;
  maskRows(layout, plane, first, last);
  const band = bandOf(layout);
  const top = topOf(layout);
  const bottom = bottomOf(layout);
  const pitch = pitchOf(layout);
  for (let up = 1; up <= top; up++) {
    const bands = (up + band - 1) / band;
    const row = bands * band - up;
    if (row >= first && row < last) lower(layout, plane + <usize>row * pitch, plane - <usize>up * pitch, bands);
  }
  for (let down = 0; down < bottom; down++) {
    const bands = down / band;
    const row = down - bands * band;
    if (row >= first && row < last) raise(layout, plane + <usize>row * pitch, plane + <usize>(band + down) * pitch, bands + 1);
  }
}

/** Rows of lanes that lie behind the image. */
function maskRows(layout: usize, plane: usize, first: i32, last: i32): void {
  const height = heightOf(layout);
  const band = bandOf(layout);
  const pitch = pitchOf(layout);
  const fill = fillOf(layout);
  for (let r = max(first, height - 3 * band); r < last; r++) {
    const lanes = r < height ? (height - 1 - r) / band + 1 : 0;
    const inside = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
    const row = plane + <usize>r * pitch;
    const end = row + (<usize>widthOf(layout) << 4);
    for (let p = row; p < end; p += 16) v128.store(p, v128.bitselect(v128.load(p), fill, inside));
  }
}

/** The row above a band is one of the band before it. */
function lower(layout: usize, source: usize, target: usize, bands: i32): void {
  const fill = fillOf(layout);
  const end = source + (<usize>widthOf(layout) << 4);
  for (let p = source; p < end; p += 16) {
    const v = v128.load(p);
    let moved = fill;
    if (bands == 1) moved = v128.shuffle<i32>(v, fill, 4, 0, 1, 2);
    else if (bands == 2) moved = v128.shuffle<i32>(v, fill, 4, 4, 0, 1);
    else if (bands == 3) moved = v128.shuffle<i32>(v, fill, 4, 4, 4, 0);
    v128.store(target, moved);
    target += 16;
  }
}

/** The row below a band is one of the band behind it. */
function raise(layout: usize, source: usize, target: usize, bands: i32): void {
  const fill = fillOf(layout);
  const end = source + (<usize>widthOf(layout) << 4);
  for (let p = source; p < end; p += 16) {
    const v = v128.load(p);
    let moved = fill;
    if (bands == 1) moved = v128.shuffle<i32>(v, fill, 1, 2, 3, 4);
    else if (bands == 2) moved = v128.shuffle<i32>(v, fill, 2, 3, 4, 4);
    else if (bands == 3) moved = v128.shuffle<i32>(v, fill, 3, 4, 4, 4);
    v128.store(target, moved);
    target += 16;
  }
}
