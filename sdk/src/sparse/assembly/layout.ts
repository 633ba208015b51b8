// How the pixels of a value lie in memory, one vector of four lanes a pixel. Written by ../layout.ts, word by word.
// A lane is an image of the batch, or a band of rows of the one image: then row r of lane k is row k * band + r.

@inline
export function heightOf(layout: usize): i32 {
  return load<i32>(layout);
}

@inline
export function widthOf(layout: usize): i32 {
  return load<i32>(layout, 4);
}

/** Rows of a lane. */
@inline
export function bandOf(layout: usize): i32 {
  return load<i32>(layout, 8);
}

@inline
export function topOf(layout: usize): i32 {
  return load<i32>(layout, 12);
}

@inline
export function bottomOf(layout: usize): i32 {
  return load<i32>(layout, 16);
}

/** Bytes from a row to the next. */
@inline
export function pitchOf(layout: usize): usize {
  return load<u32>(layout, 20);
}

@inline
export function isBanded(layout: usize): bool {
  return load<i32>(layout, 24) != 0;
}

/** What stands around an image. */
@inline
export function fillOf(layout: usize): v128 {
  return v128.load32_splat(layout, 28);
}
