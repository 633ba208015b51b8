// What a thread does of a step, written by ../share.ts: some channels, or some rows of all. Rows are those of a lane.

export const shareBytes: usize = 32;

@inline
export function firstChannelOf(share: usize): i32 {
  return load<i32>(share);
}

@inline
export function lastChannelOf(share: usize): i32 {
  return load<i32>(share, 4);
}

@inline
export function firstRowOf(share: usize): i32 {
  return load<i32>(share, 8);
}

@inline
export function lastRowOf(share: usize): i32 {
  return load<i32>(share, 12);
}

/** Where the weights of the first channel begin. */
@inline
export function tapOf(share: usize): usize {
  return load<u32>(share, 16);
}
