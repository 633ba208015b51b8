import { convolve } from './conv';
import { pack, repack, unpack } from './move';
import { average, pool } from './pool';
import { shareBytes } from './share';
import { announce, awaitDone, countJobs, isTired, markDone, offerChunks, sleepUntilJob, takeFirst, takeLast } from './threads';

export { mulAdd } from './mul-add';
export { announce };

// The job, written by ../engine-memory.ts before it is announced: program, images, their number, logits, whether groups are the chunks, whether to stop.
const job: usize = 448;
// Of the step that is offered: where it is described, and the group of images that it is done for. They lie beside the offer, so that both come at once.
const offeredStep: usize = 72;
const offeredGroup: usize = 76;

/** Does the announced job as its first thread. */
export function lead(threads: i32): void {
  if (threads > 1) announce();
  const program = <usize>load<u32>(job);
  const size = load<i32>(program, 8); // images of a group
  const groups = (load<i32>(job, 8) + size - 1) / size;
  if (threads > 1 && isApart()) {
    offerChunks(groups);
    for (let group = 0; group >= 0; group = takeFirst()) runGroup(group, 0);
    awaitDone();
  } else if (threads == 1) {
    for (let group = 0; group < groups; group++) runGroup(group, 0);
  } else {
    for (let group = 0; group < groups; group++) shareGroup(program, group);
  }
}

/** Takes part in jobs until one says to stop. */
export function follow(thread: i32): void {
  let seen = countJobs();
  let turns = 0;
  while (load<i32>(job, 20) == 0) {
    const chunk = takeLast();
    if (chunk >= 0) {
      if (isApart()) runGroup(chunk, thread);
      else runStep(<usize>load<u32>(offeredStep), chunk + 1, load<i32>(offeredGroup), 0);
      markDone();
      turns = 0;
    } else if (isTired(++turns)) {
      sleepUntilJob(seen);
      seen = countJobs();
      turns = 0;
    }
  }
}

@inline
function isApart(): bool {
  return load<i32>(job, 16) != 0;
}

/** All steps for a group of images by one thread, in its own arena. */
function runGroup(group: i32, thread: i32): void {
  const program = <usize>load<u32>(job);
  let step = <usize>load<u32>(program, 4);
  const end = step + <usize>load<i32>(program) * 64;
  for (; step < end; step += 64) runStep(step, 0, group, thread);
}

/** All steps for a group of images by all threads. Steps that are too small to be shared have no chunks. */
function shareGroup(program: usize, group: i32): void {
  let step = <usize>load<u32>(program, 4);
  const end = step + <usize>load<i32>(program) * 64;
  store<i32>(offeredGroup, group);
  for (; step < end; step += 64) {
    const chunks = load<i32>(step, 40);
    if (chunks == 0) {
      runStep(step, 0, group, 0);
      continue;
    }
    store<u32>(offeredStep, <u32>step);
    offerChunks(chunks);
    for (let chunk = 0; chunk >= 0; chunk = takeFirst()) runStep(step, chunk + 1, group, 0);
    awaitDone();
  }
}

/** A share of a step for a group of images: 0 is all of it. */
function runStep(step: usize, share: i32, group: i32, thread: i32): void {
  const program = <usize>load<u32>(job);
  const size = load<i32>(program, 8);
  const count = min(size, load<i32>(job, 8) - group * size);
  const arena = <usize>load<u32>(program, 20) + <usize>thread * <usize>load<u32>(program, 24);
  const part = <usize>load<u32>(step, 4) + <usize>share * shareBytes;
  const kind = load<i32>(step);
  if (kind == 0) convolve(step, part, arena);
  else if (kind == 1) pool(step, part, arena);
  else if (kind == 2) average(step, part, arena);
  else if (kind == 3) repack(step, part, arena);
  else if (kind == 4) pack(step, part, arena, <usize>load<u32>(job, 4) + <usize>(group * size) * <usize>load<u32>(program, 12), count);
  else unpack(step, part, arena, <usize>load<u32>(job, 12) + <usize>(group * size) * <usize>load<u32>(program, 16), count);
}
