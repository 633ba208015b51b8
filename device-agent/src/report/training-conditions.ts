import type { Recipe } from '@precrop/sdk/train/recipe';
import type { Host } from '../host/host.js';
import type { ReportConditions } from './report.js';

/** The machine, as a report tells it. */
export function toReportHost(host: Host): Pick<ReportConditions, 'device' | 'cpu' | 'cores' | 'memoryBytes' | 'os' | 'power'> {
  const { device, cpu, cores, memoryBytes, os, power } = host;
  return { device, cpu, cores, memoryBytes, os, power };
}

/** A recipe, as a report tells it. */
export function toReportRecipe({ epochs, optimizer, schedule, augment, seed }: Recipe): ReportConditions['recipe'] {
  const rule = optimizer.kind === 'adamw' ? 'AdamW' : `SGD, momentum ${optimizer.momentum}${optimizer.nesterov ? ' (Nesterov)' : ''}`;
  return {
    epochs,
    optimizer: rule,
    learningRate: schedule.peak,
    schedule: schedule.kind === 'one-cycle' ? 'one cycle' : 'cosine',
    weightDecay: optimizer.weightDecay,
    augmentation: augment,
    seed,
  };
}
