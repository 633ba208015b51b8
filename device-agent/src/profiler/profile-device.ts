import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import type { CoreState } from '@precrop/sdk/cost/device-profile';
import type { Judgement } from '../measure/validity.js';
import type { ExtentPlan, Part, PartKind } from './extents.js';
import { type Findings, noFindings } from './findings.js';
import type { Instruments } from './instruments.js';
import { isStillImproving, toRoundErrors } from './is-still-improving.js';
import { profileEngines } from './profile-engines.js';
import { profileMemory } from './profile-memory.js';
import { profileNetworks } from './profile-networks.js';
import { profileSweeps } from './profile-sweeps.js';
import { createProfiling, type Profiling } from './profiling.js';

export interface ProfileOptions {
  readonly plan: ExtentPlan;
  /** What an earlier profiling left: it goes on from there. */
  readonly begin?: Findings | undefined;
  /** When all began, by the context's clock. Default: now. */
  readonly startedMs?: number;
  /** Told of everything that is found. */
  readonly save?: (findings: Findings) => Promise<void>;
}

export interface Profiled {
  readonly findings: Findings;
  /** Of the machine before anything was timed. */
  readonly steadiness: Judgement;
  /** How far apart the cores were that it waited for, ns; null with one core. */
  readonly cores: CoreState | null;
  /** A profiling without limit that was stopped, when it had all that a profile needs. */
  readonly wasStopped: boolean;
}

type RunPart = (profiling: Profiling, endMs: number) => Promise<void>;

const parts: Readonly<Record<PartKind, RunPart>> = {
  rates: measureRates,
  engines: profileEngines,
  sweeps: profileSweeps,
  memory: profileMemory,
  inference: (profiling, endMs) => profileNetworks(profiling, 'inference', endMs),
  training: (profiling, endMs) => profileNetworks(profiling, 'training', endMs),
};

/** A plan without a limit takes its shares as seconds. */
const endlessSeconds = (plan: ExtentPlan): number => plan.parts.reduce((sum, { share }) => sum + share, 0);
/** Left at the end for ending processes and writing. */
const reserveMs = 2000;

/**
 * Measures what a device profile holds, part by part: each has its share of what time is left, and none begins what would end later. Without a
 * limit networks are timed in rounds until the model of them gets no better, or until it is stopped.
 * @throws CancelledError, with everything saved that was found; BackendError where no runtime works.
 */
export async function profileDevice(options: ProfileOptions, instruments: Instruments, context: RunContext): Promise<Profiled> {
  const { plan, begin = noFindings, startedMs = context.clock(), save = async () => {} } = options;
  const limitMs = 1000 * (plan.limitSeconds ?? endlessSeconds(plan)) - reserveMs;
  // What an earlier profiling took counts, but each part that is left gets something.
  const endMs = startedMs + Math.max(limitMs - 1000 * begin.seconds, 0.1 * limitMs);
  const profiling = createProfiling(begin, { plan, instruments, context }, startedMs, save);
  context.emit({ type: 'phase', name: 'wait', message: 'Waiting for a steady machine' });
  const steadiness = await instruments.waitUntilSteady(1000 * plan.mostWaitSeconds);
  for (let index = begin.partsDone; index < plan.parts.length; index++) {
    await runPart(plan.parts[index] as Part, plan.parts.slice(index), endMs, profiling);
    await profiling.update((findings) => ({ ...findings, partsDone: index + 1 }));
  }
  const wasStopped = plan.limitSeconds === null && (await repeatRounds(profiling)) === 'stopped';
  return { findings: profiling.findings(), steadiness, cores: instruments.cores(), wasStopped };
}

async function runPart({ kind, share }: Part, left: readonly Part[], endMs: number, profiling: Profiling): Promise<void> {
  const now = profiling.context.clock();
  const shares = left.reduce((sum, part) => sum + part.share, 0);
  throwIfCancelled(profiling.context);
  await parts[kind](profiling, now + Math.max(0, endMs - now) * (share / shares));
}

/** Inference and training in turn, each for its share in seconds. Enough is there for a profile, so that stopping it is no failure. */
async function repeatRounds(profiling: Profiling): Promise<'improved' | 'stopped'> {
  const { plan, context } = profiling;
  const rounds = [toRoundErrors(profiling.findings())];
  const repeated = plan.parts.filter(({ kind }) => kind === 'inference' || kind === 'training');
  try {
    while (isStillImproving(rounds)) {
      for (const { kind, share } of repeated) await parts[kind](profiling, context.clock() + 1000 * share);
      rounds.push(toRoundErrors(profiling.findings()));
    }
    return 'improved';
  } catch (error) {
    if (!context.signal.aborted) throw error;
    return 'stopped';
  }
}

async function measureRates(profiling: Profiling): Promise<void> {
  const { context, instruments } = profiling;
  if (profiling.findings().machine) return;
  context.emit({ type: 'phase', name: 'rates', message: 'Measuring peak rate and bandwidth' });
  const machine = await measureWithBackend(profiling).catch(() => {
    throwIfCancelled(context);
    return instruments.measureRates(undefined);
  });
  await profiling.update((findings) => ({ ...findings, machine }));
}

/** The first backend is the native one: only it reaches what the machine can do. */
function measureWithBackend({ instruments }: Profiling): Promise<NonNullable<Findings['machine']>> {
  return instruments.measureRates(instruments.backends.find((name) => name === 'tensorflow-graph'));
}
