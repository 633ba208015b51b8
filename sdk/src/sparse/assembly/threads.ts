// Words that threads share, each on a cache line of its own.
const generation: usize = 64;
const arrived: usize = 128;
const phase: usize = 192;
const sleepers: usize = 256;
const failed: usize = 320;
const group: usize = 384;

const shortSpin = 20_000; // a barrier within a call is passed soon
const secondNs: i64 = 1_000_000_000;

/** Begins a job. */
export function announce(): void {
  atomic.store<i32>(group, 0);
  wake(generation);
}

/** Returns when another job than `seen` was announced, with its number. */
export function awaitJob(seen: i32): i32 {
  wait(generation, seen);
  return atomic.load<i32>(generation);
}

/** The next group of images that nobody has taken. */
export function takeGroup(): i32 {
  return atomic.add<i32>(group, 1);
}

/** Returns when all threads have come here. */
export function meet(threads: i32): void {
  if (threads == 1) return;
  const seen = atomic.load<i32>(phase);
  if (atomic.add<i32>(arrived, 1) + 1 == threads) {
    atomic.store<i32>(arrived, 0);
    wake(phase);
  } else wait(phase, seen);
}

function wake(word: usize): void {
  atomic.add<i32>(word, 1);
  if (atomic.load<i32>(sleepers) > 0) atomic.notify(word, -1);
}

function wait(word: usize, seen: i32): void {
  for (let i = 0; i < shortSpin; i++) {
    if (atomic.load<i32>(word) != seen) return;
  }
  atomic.add<i32>(sleepers, 1);
  while (atomic.load<i32>(word) == seen) {
    atomic.wait<i32>(word, seen, secondNs);
    if (atomic.load<i32>(failed) != 0) unreachable(); // a thread that will never come
  }
  atomic.sub<i32>(sleepers, 1);
}
