import { createArchitecture } from '@precrop/sdk/architectures/registry';
import type { EngineProfile, ProfileMemory } from '@precrop/sdk/cost/device-profile';
import { withWidths } from '@precrop/sdk/ir/widths';
import { median } from '../measure/statistics.js';
import { withEngine } from './findings.js';
import type { Profiling } from './profiling.js';
import { drawWidths, toOriginal } from './random-widths.js';
import { createSweepNetwork } from './sweep-network.js';

const baseProcesses = 3;
const align = 8;
const mostNetworks = 40;

/** What runtimes take by themselves; and of the fastest, what networks add, each in a fresh process. */
export async function profileMemory(profiling: Profiling, endMs: number): Promise<void> {
  const { context, plan } = profiling;
  context.emit({ type: 'phase', name: 'memory', message: 'Measuring memory in fresh processes' });
  for (const [index, engine] of profiling.findings().inference.entries()) {
    if (engine.baseBytes === 0) await measureBase(profiling, engine, index);
  }
  const pool = plan.inference.filter(({ weight }) => weight >= 1);
  let slowestMs = 0;
  for (;;) {
    const [engine] = profiling.findings().inference;
    const start = context.clock();
    const count = engine?.memory.length ?? mostNetworks;
    if (!engine || count >= mostNetworks || (count >= 2 && start + slowestMs > endMs)) return;
    const measured = await measureNetwork(profiling, engine, pool, count);
    await profiling.update((findings) => withEngine(findings, 'inference', (each) => ({ ...each, memory: [...each.memory, measured] })));
    slowestMs = Math.max(slowestMs, context.clock() - start);
    context.emit({
      type: 'progress',
      name: 'memory',
      done: count + 1,
      total: Math.max(count + 1, Math.min(mostNetworks, count + 1 + Math.floor((endMs - context.clock()) / slowestMs))),
      unit: 'items',
    });
  }
}

/** With the smallest of networks. The median, as processes differ; of a runtime that is not the fastest once. */
async function measureBase({ instruments, update }: Profiling, { engine, threads }: EngineProfile, index: number): Promise<void> {
  const samples: number[] = [];
  while (samples.length < (index === 0 ? baseProcesses : 1)) {
    samples.push(await instruments.measurePeakBytes({ architecture: createSweepNetwork(1), batch: 1, runtime: engine, threads }));
  }
  await update((findings) => withEngine(findings, 'inference', (each) => ({ ...each, baseBytes: median(samples) }), index));
}

/** Networks in turn, first as they are and then at random; batches in turn. */
async function measureNetwork(
  { instruments, context }: Profiling,
  { engine: runtime, threads }: EngineProfile,
  pool: Profiling['plan']['inference'],
  count: number,
): Promise<ProfileMemory> {
  // The last of the pool first: in the order of the extents that is the one with the most weights.
  const { network = 'resnet-20', batches = [1] } = pool[pool.length - 1 - (count % pool.length)] ?? {};
  const round = Math.floor(count / pool.length);
  const batch = batches[(count + round) % batches.length] as number;
  const original = createArchitecture(network);
  const widths = round === 0 ? toOriginal(original) : drawWidths(original, align, context.rng.fork('memory', count));
  const peakBytes = await instruments.measurePeakBytes({ architecture: withWidths(original, widths), batch, runtime, threads });
  return { network, widths: Object.fromEntries(widths), batch, peakBytes, samplesBytes: [peakBytes] };
}
