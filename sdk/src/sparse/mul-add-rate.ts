import { compileEngine } from './engine-code.js';
import { createMemory, instantiate } from './web-assembly.js';

/** Flops of a turn of the loop: twelve vectors of four lanes, a multiplication and an addition each. */
const flopsPerTurn = 12 * 4 * 2;
const turns = 20_000;

/**
 * The rate, in GFLOP/s, of a plain loop of multiplications and additions of vectors on one thread, without memory: what WebAssembly on this machine
 * can do at most. The fastest of many short runs, as whatever else the machine does only makes them slower.
 */
export function measureMulAddGflops(clock: () => number = () => performance.now()): number {
  const { mulAdd } = instantiate(compileEngine(), createMemory(1));
  let fastestMs = Number.POSITIVE_INFINITY;
  const begin = clock();
  for (let run = 0; run < 2000 && clock() - begin < 500; run++) {
    const before = clock();
    mulAdd(turns);
    const ms = clock() - before;
    if (ms > 0) fastestMs = Math.min(fastestMs, ms);
  }
  return (turns * flopsPerTurn) / fastestMs / 1e6;
}
