import type { EngineTimer, Instruments } from '@precrop/device-agent/profiler/instruments';
import type { NetworkTiming } from '@precrop/device-agent/profiler/time-network';
import { BackendError } from '@precrop/sdk/core/errors';
import { createRng } from '@precrop/sdk/core/rng';
import type { Purpose } from '@precrop/sdk/cost/kernels';
import { toKernels } from '@precrop/sdk/cost/kernels';
import { countMemoryParts } from '@precrop/sdk/cost/memory-model';
import type { Architecture } from '@precrop/sdk/ir/architecture';

export interface SimulatedOptions {
  /** How many times slower than the first each runtime is. */
  readonly runtimes?: Readonly<Record<string, number>>;
  /** Times with so many threads, against the most. */
  readonly byThreads?: Readonly<Record<number, number>>;
  readonly absent?: readonly string[];
  /** Of a timing; called in order. */
  readonly verdict?: (timing: number) => NetworkTiming['verdict'];
  /** Called before each timing. */
  readonly onTiming?: (timing: number) => void;
}

export interface SimulatedDevice {
  readonly instruments: Instruments;
  /** In the order in which it was asked. */
  readonly timed: readonly { readonly engine: string; readonly name: string; readonly batch: number }[];
  readonly clock: () => number;
  /** How many engines are open. */
  readonly open: () => number;
}

/** A device whose networks take what their kernels take, and whose clock goes by that. */
export function createSimulatedDevice(options: SimulatedOptions = {}): SimulatedDevice {
  const {
    runtimes = { fast: 1, slow: 3 },
    byThreads = { 1: 1.8, 2: 1 },
    absent = [],
    verdict = () => 'valid',
    onTiming = () => {},
  } = options;
  const rng = createRng(5);
  const timed: SimulatedDevice['timed'][number][] = [];
  let [nowMs, open] = [0, 0];
  const instruments: Instruments = {
    runtimes: Object.keys(runtimes),
    backends: ['trainer'],
    threads: Math.max(...Object.keys(byThreads).map(Number)),
    async waitUntilSteady() {
      nowMs += 500;
      return { verdict: 'valid', reasons: [] };
    },
    async measureRates() {
      nowMs += 700;
      return { peakGflops: 200, bandwidthGbPerS: 20 };
    },
    async openEngine(purpose, engine, threads = instruments.threads) {
      nowMs += 150;
      if (absent.includes(engine)) throw new BackendError(`${engine} is not there.`);
      open++;
      return toTimer(purpose, engine, threads);
    },
    async measurePeakBytes({ architecture, batch }) {
      nowMs += 300;
      const { weightBytes, activationBytes } = countMemoryParts(architecture, batch);
      return 5e7 + 2 * weightBytes + 1.5 * activationBytes;
    },
    cores: () => ({ handshakeNs: 100, sharing: 1 }),
    close() {},
  };
  function toTimer(purpose: Purpose, engine: string, threads: number): EngineTimer {
    return {
      engine,
      state: { status: 'ready', version: `${engine} 1`, device: 'CPU' },
      async time({ architecture, batch }) {
        onTiming(timed.length);
        const ms = (runtimes[engine] ?? 1) * (byThreads[threads] ?? 1) * toMs(architecture, batch, purpose) * (1 + 0.005 * rng.normal());
        nowMs += purpose === 'inference' ? 250 + 10 * ms : 600 + 12 * ms;
        timed.push({ engine, name: architecture.name, batch });
        const judged = verdict(timed.length - 1);
        const reasons = judged === 'valid' ? [] : ['Others were busy.'];
        const timing = { medianMs: ms, lowMs: 0.99 * ms, highMs: 1.01 * ms, madMs: 0, samplesMs: [ms] };
        return { ...timing, verdict: judged, reasons, threads, cores: 'usual' };
      },
      async close() {
        open--;
      },
    };
  }
  return {
    instruments,
    timed,
    clock: () => nowMs,
    open: () => open,
  };
}

/** What its engines take: kernels with a call, work in whole vectors of 8 channels, and data. */
export function toMs(architecture: Architecture, batch: number, purpose: Purpose): number {
  const full = (channels: number): number => (8 * Math.ceil(channels / 8)) / channels;
  const pass = toKernels(architecture, purpose).reduce(
    (sum, { macs, inChannels, outChannels, reads, writes }) =>
      sum + 0.002 + batch * ((macs * full(inChannels) * full(outChannels)) / 8e7 + (reads + writes) / 3e6),
    0,
  );
  return purpose === 'inference' ? pass : 0.5 * pass;
}
