// How threads share work. The first one offers a step as chunks and takes them from the front; the others, while they are awake, take them from the
// back, so that each finds in its cache what it wrote before. Nobody waits for a thread that has taken nothing: on a machine that is busy with other
// things the first one does all.

// Words that threads share, each on a cache line of its own.
const offer: usize = 64; // [number of the offer: 8, end: 12, begin: 12]: the chunks that nobody has taken
const done: usize = 128; // chunks that others than the first thread have done
const generation: usize = 192; // jobs so far
const sleepers: usize = 256; // threads that wait for a job
const waiting: usize = 320; // whether the first thread sleeps until others are done
const failed: usize = 384; // whether a thread will not come back

const endUnit = 1 << 12;
const mask = endUnit - 1;

// A thread that sleeps takes as long to wake as a small network does to run; one that only looks for work takes time from others. About 60 µs and 15 µs.
const turnsUntilSleep = 200_000;
const turnsUntilWait = 50_000;
const patienceNs: i64 = 1_000_000;

let offers = 0;
let expected = 0; // that others do, since the first offer

/** Offers chunks 1 to before `count`; chunk 0 is the first thread's. All earlier ones are done. */
export function offerChunks(count: i32): void {
  offers++;
  expected += count - 1;
  atomic.store<i32>(offer, (offers << 24) | (count << 12) | 1);
}

/** The first chunk that nobody has taken, or -1. */
export function takeFirst(): i32 {
  while (true) {
    const seen = atomic.load<i32>(offer);
    const begin = seen & mask;
    if (begin >= ((seen >>> 12) & mask)) return -1;
    if (atomic.cmpxchg<i32>(offer, seen, seen + 1) != seen) continue;
    expected--;
    return begin;
  }
}

/** The last chunk that nobody has taken, or -1. */
export function takeLast(): i32 {
  while (true) {
    const seen = atomic.load<i32>(offer);
    const end = (seen >>> 12) & mask;
    if ((seen & mask) >= end) return -1;
    if (atomic.cmpxchg<i32>(offer, seen, seen - endUnit) == seen) return end - 1;
  }
}

export function markDone(): void {
  atomic.add<i32>(done, 1);
  if (atomic.load<i32>(waiting) != 0) atomic.notify(done, 1);
}

/** Returns when all chunks that were offered are done. */
export function awaitDone(): void {
  for (let turn = 0; turn < turnsUntilWait; turn++) {
    if (atomic.load<i32>(done) == expected) return;
  }
  atomic.store<i32>(waiting, 1);
  let now = atomic.load<i32>(done);
  while (now != expected) {
    atomic.wait<i32>(done, now, patienceNs);
    if (atomic.load<i32>(failed) != 0) unreachable();
    now = atomic.load<i32>(done);
  }
  atomic.store<i32>(waiting, 0);
}

/** Tells all threads that there is a job. */
export function announce(): void {
  atomic.add<i32>(generation, 1);
  if (atomic.load<i32>(sleepers) > 0) atomic.notify(generation, -1);
}

export function countJobs(): i32 {
  return atomic.load<i32>(generation);
}

/** Returns at once where there were more jobs than `seen`. */
export function sleepUntilJob(seen: i32): void {
  atomic.add<i32>(sleepers, 1);
  while (atomic.load<i32>(generation) == seen) atomic.wait<i32>(generation, seen, -1);
  atomic.sub<i32>(sleepers, 1);
}

/** Whether a thread has looked for work in vain for long enough. */
export function isTired(turns: i32): bool {
  return turns > turnsUntilSleep;
}
