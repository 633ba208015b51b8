import type { AlignmentSweep } from '@precrop/sdk/cost/device-profile';
import type { Purpose } from '@precrop/sdk/cost/kernels';
import { withEngine } from './findings.js';
import type { Profiling } from './profiling.js';
import { createSweepNetwork, sweepChannels } from './sweep-network.js';

/** Those that say most come first: both sides of where a step may be. */
const order = [16, 8, 15, 17, 14, 12, 32, 24, 10, 9, 7, 25, 13, 11].filter((channels) => sweepChannels.includes(channels));
const batches: Readonly<Record<Purpose, number>> = { inference: 1, training: 64 };

/** Times one small network at neighbouring widths, through the fastest runtime and through what trains. */
export async function profileSweeps(profiling: Profiling, endMs: number): Promise<void> {
  const { context } = profiling;
  const half = context.clock() + (endMs - context.clock()) / 3; // training steps take longer
  await sweep(profiling, 'inference', half);
  await sweep(profiling, 'training', endMs);
}

async function sweep(profiling: Profiling, purpose: Purpose, endMs: number): Promise<void> {
  const { context, plan, instruments } = profiling;
  const [engine] = profiling.findings()[purpose];
  if (!engine || engine.sweep) return;
  context.emit({ type: 'phase', name: 'sweeps', message: `Looking for steps between widths: ${engine.engine}` });
  const batch = batches[purpose];
  const timer = await instruments.openEngine(purpose, engine.engine, engine.threads);
  try {
    const points: AlignmentSweep['points'][number][] = [];
    let slowestMs = 0;
    for (const channels of order) {
      const start = context.clock();
      if (start + slowestMs > endMs) break;
      const { medianMs, verdict } = await timer.time({ architecture: createSweepNetwork(channels), batch }, plan.effort[purpose]);
      if (verdict !== 'invalid') points.push({ channels, medianMs });
      slowestMs = Math.max(slowestMs, context.clock() - start);
      context.emit({ type: 'progress', name: 'widths', done: points.length, total: order.length, unit: 'items' });
    }
    points.sort((a, b) => a.channels - b.channels);
    await profiling.update((findings) => withEngine(findings, purpose, (each) => ({ ...each, sweep: { batch, points } })));
  } finally {
    await timer.close();
  }
}
