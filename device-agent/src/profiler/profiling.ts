import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import type { ExtentPlan } from './extents.js';
import type { Findings } from './findings.js';
import type { Instruments } from './instruments.js';

/** What every part of the schedule works with. */
export interface Profiling {
  readonly plan: ExtentPlan;
  readonly instruments: Instruments;
  readonly context: RunContext;
  /** What was found so far. */
  findings(): Findings;
  /** Keeps what was found since. */
  update(change: (findings: Findings) => Findings): Promise<void>;
}

/** @param save told of everything that is found; it may write less often */
export function createProfiling(
  begin: Findings,
  parts: Pick<Profiling, 'plan' | 'instruments' | 'context'>,
  startedMs: number,
  save: (findings: Findings) => Promise<void>,
): Profiling {
  let findings = begin;
  return {
    ...parts,
    findings: () => findings,
    async update(change) {
      findings = { ...change(findings), seconds: begin.seconds + (parts.context.clock() - startedMs) / 1000 };
      await save(findings);
      throwIfCancelled(parts.context);
    },
  };
}
