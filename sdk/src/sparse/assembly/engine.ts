import { convolve } from './conv';
import { pack, repack, unpack } from './move';
import { average, pool } from './pool';
import { announce, awaitJob, meet, takeGroup } from './threads';

export { mulAdd } from './mul-add';
export { announce } from './threads';

// The job, written by ../session.ts before it is announced.
const job: usize = 448;

/** Does the announced job as its first thread. */
export function lead(threads: i32): void {
  if (threads > 1) announce();
  work(0, threads);
}

/** Takes part in jobs until one says to stop. */
export function follow(thread: i32, threads: i32): void {
  let seen = 0;
  while (true) {
    seen = awaitJob(seen);
    if (load<i32>(job, 20) != 0) return;
    work(thread, threads);
  }
}

/** One group of images after the other with all threads, or each thread its own groups. */
function work(thread: i32, threads: i32): void {
  const program = <usize>load<u32>(job);
  const images = <usize>load<u32>(job, 4);
  const count = load<i32>(job, 8);
  const logits = <usize>load<u32>(job, 12);
  const apart = load<i32>(job, 16) != 0;
  const size = load<i32>(program, 8); // images of a group
  const groups = (count + size - 1) / size;
  const imageBytes = <usize>load<u32>(program, 12) * <usize>size;
  const logitBytes = <usize>load<u32>(program, 16) * <usize>size;
  const arena = <usize>load<u32>(program, 20) + (apart ? <usize>thread * <usize>load<u32>(program, 24) : 0);
  for (let own = 0; ; own++) {
    const g = apart && threads > 1 ? takeGroup() : own;
    if (g >= groups) break;
    const inGroup = min(size, count - g * size);
    runSteps(program, arena, images + <usize>g * imageBytes, inGroup, logits + <usize>g * logitBytes, apart ? 0 : thread, apart ? 1 : threads);
  }
  if (apart) meet(threads);
}

function runSteps(program: usize, arena: usize, images: usize, count: i32, logits: usize, thread: i32, threads: i32): void {
  let step = <usize>load<u32>(program, 4);
  const end = step + <usize>load<i32>(program) * 64;
  for (; step < end; step += 64) {
    // Shares of the threads, as pairs of a channel and where its weights begin. A thread for itself takes the first share's begin to the last one's end.
    const shares = <usize>load<u32>(step, 4);
    const share = shares + (<usize>thread << 3);
    const first = load<i32>(share);
    const last = threads == 1 ? load<i32>(step, 40) : load<i32>(share, 8);
    const kind = load<i32>(step);
    if (first < last) {
      if (kind == 0) convolve(step, arena, first, last, <usize>load<u32>(share, 4));
      else if (kind == 1) pool(step, arena, first, last);
      else if (kind == 2) average(step, arena, first, last);
      else if (kind == 3) repack(step, arena, first, last);
      else if (kind == 4) pack(step, arena, first, last, images, count);
      else unpack(step, arena, first, last, logits, count);
    }
    meet(threads);
  }
}
