import { bandOf, bottomOf, fillOf, heightOf, isBanded, leftOf, pitchOf, rightOf, topOf, widthOf } from './layout';

/**
 * Writes what stands around a channel's image once its rows [first, last) are there: behind its last row, above and below it or its bands,
 * as far as that is made of these rows, and at the sides of all that is written.
 */
export function finish(layout: usize, plane: usize, first: i32, last: i32): void {
  if (isBanded(layout)) maskRows(layout, plane, first, last);
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
  for (let row = first; row < last; row++) fillSides(layout, plane + <usize>row * pitch);
}

@inline
function fillSides(layout: usize, row: usize): void {
  const left = leftOf(layout);
  const right = rightOf(layout);
  if (left + right == 0) return;
  const fill = fillOf(layout);
  const width = <usize>widthOf(layout) << 4;
  for (let i = 1; i <= left; i++) v128.store(row - (<usize>i << 4), fill);
  for (let i = 0; i < right; i++) v128.store(row + width + (<usize>i << 4), fill);
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
  const lanes = isBanded(layout) ? bands : 4;
  fillSides(layout, target);
  for (let p = source; p < end; p += 16) {
    const v = v128.load(p);
    let moved = fill;
    if (lanes == 1) moved = v128.shuffle<i32>(v, fill, 4, 0, 1, 2);
    else if (lanes == 2) moved = v128.shuffle<i32>(v, fill, 4, 4, 0, 1);
    else if (lanes == 3) moved = v128.shuffle<i32>(v, fill, 4, 4, 4, 0);
    v128.store(target, moved);
    target += 16;
  }
}

/** The row below a band is one of the band behind it. */
function raise(layout: usize, source: usize, target: usize, bands: i32): void {
  const fill = fillOf(layout);
  const end = source + (<usize>widthOf(layout) << 4);
  const lanes = isBanded(layout) ? bands : 4;
  fillSides(layout, target);
  for (let p = source; p < end; p += 16) {
    const v = v128.load(p);
    let moved = fill;
    if (lanes == 1) moved = v128.shuffle<i32>(v, fill, 1, 2, 3, 4);
    else if (lanes == 2) moved = v128.shuffle<i32>(v, fill, 2, 3, 4, 4);
    else if (lanes == 3) moved = v128.shuffle<i32>(v, fill, 3, 4, 4, 4);
    v128.store(target, moved);
    target += 16;
  }
}
