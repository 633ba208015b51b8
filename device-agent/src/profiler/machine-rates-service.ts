import { selectBackend } from '@precrop/sdk/backends/registry';
import type { RunContext } from '@precrop/sdk/core/context';
import { initializeVariables } from '@precrop/sdk/program/variables';
import { measureMulAddGflops } from '@precrop/sdk/sparse/mul-add-rate';
import { peakMacs, peakProgram } from '../bench/peak-program.js';
import { countUsableCores } from '../host/usable-cores.js';
import type { CreateService } from '../worker/service.js';

export interface MachineRatesInput {
  /** Where it is absent, what WebAssembly does on one thread stands for each core. */
  readonly backend?: string | undefined;
}

export interface MachineRatesAnswer {
  /** Of large matrix products on all threads, 10⁹ floating-point operations a second. */
  readonly peakGflops: number;
  /** Of one thread that copies memory: bytes read and bytes written. */
  readonly bandwidthGbPerS: number;
}

export interface MachineRatesMethods {
  measure(): Promise<MachineRatesAnswer>;
}

/** What the machine does at best. The fastest of a few, as whatever else it does only makes them slower. */
export const createMachineRates: CreateService<MachineRatesInput, MachineRatesMethods> = async ({ backend }, context) => ({
  methods: {
    measure: async () => ({
      peakGflops: backend === undefined ? countUsableCores() * measureMulAddGflops(context.clock) : await measurePeak(backend, context),
      bandwidthGbPerS: measureCopies(context.clock),
    }),
  },
});

const repetitions = 6;

async function measurePeak(name: string, { clock, rng }: RunContext): Promise<number> {
  const { backend } = await selectBackend(name);
  const executable = await backend.compile([peakProgram]);
  await executable.writeVariables(initializeVariables(peakProgram.variables, rng.fork('weights')));
  const fastestMs = await findFastest(() => executable.run(peakProgram.name, {}), clock);
  executable.dispose();
  return (2 * peakMacs) / fastestMs / 1e6;
}

/** No cache holds so much. */
const copiedBytes = 128 * 2 ** 20;

function measureCopies(clock: () => number): number {
  const [from, to] = [new Float64Array(copiedBytes / 8).fill(1), new Float64Array(copiedBytes / 8)];
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < repetitions; time++) {
    const start = clock();
    to.set(from);
    fastestMs = Math.min(fastestMs, clock() - start);
  }
  return (2 * copiedBytes) / fastestMs / 1e6;
}

async function findFastest(run: () => Promise<unknown>, clock: () => number): Promise<number> {
  await run();
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let time = 0; time < repetitions; time++) {
    const start = clock();
    await run();
    fastestMs = Math.min(fastestMs, clock() - start);
  }
  return fastestMs;
}
