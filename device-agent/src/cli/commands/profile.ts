import { resolve } from 'node:path';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { UsageError } from '@precrop/sdk/core/errors';
import { formatMs } from '@precrop/sdk/core/units';
import type { DeviceProfile } from '@precrop/sdk/cost/device-profile';
import type { Command } from 'commander';
import { toHost } from '../../host/host.js';
import { loadHostDescription } from '../../host/load-host-description.js';
import { createDeviceInstruments } from '../../profiler/device-instruments.js';
import { type Extent, type ExtentPlan, extentPlans, selectNetworks } from '../../profiler/extents.js';
import { profileDevice } from '../../profiler/profile-device.js';
import { toDeviceProfile } from '../../profiler/to-device-profile.js';
import { parseRuntimes } from '../../setup/probe-runtime.js';
import { openProfileDraft, type ProfileDraft } from '../../store/profile-draft.js';
import { deviceProfilePath, loadDeviceProfile, saveDeviceProfile } from '../../store/profile-store.js';
import type { Outcome, Session } from '../command-line.js';
import { toConditions } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseWhole } from '../option-values.js';
import { toProfileText } from '../show-profile.js';

interface ProfileFlags {
  readonly quick?: boolean;
  readonly deep?: boolean;
  readonly runtime?: string;
  readonly arch: readonly string[];
  readonly limit?: number;
  readonly threads?: number;
  readonly seed: number;
  readonly output?: string;
}

export function addProfile(program: Command, run: RunAction): void {
  const what = 'What to measure:';
  const command = program
    .command('profile')
    .summary('measure what networks take on this device, within a minute: what plans are made of')
    .addOption(option(what, '--quick', 'the least that plans can be made of, within 15 s'))
    .addOption(option(what, '--deep', 'until it gets no better, or Ctrl-C'))
    .addOption(option(what, '--runtime <name,…>', 'only these runtimes (default: all that work here, and most of the fastest)'))
    .addOption(
      option(what, '--arch <arch>', 'only this network, at any widths; may be repeated')
        .default([], 'some of each family')
        .argParser((name: string, names: string[]) => [...names, name]),
    )
    .addOption(option(what, '--threads <n>', 'at most so many (default: one a core that can be used)', parseWhole('--threads', 1)))
    .addOption(option(what, '--limit <s>', 'seconds in all (default: 60)', parseWhole('--limit', 5)))
    .addOption(option(what, '--seed <n>', 'of the widths', parseWhole('--seed', 0), 0))
    .addOption(option('Output:', '-o, --output <file>', 'write the profile there as well'))
    .addHelpText('after', '\nWhat is interrupted goes on when the same is asked for again.');
  addOutputOptions(command).action((options: ProfileFlags) => run('profile', flagsOf(command), (session) => profile(options, session)));
}

async function profile(flags: ProfileFlags, session: Session): Promise<Outcome> {
  const startedMs = session.context.clock();
  const extent = toExtent(flags);
  const plan = toPlan(flags, extent);
  const runtimes = flags.runtime === undefined ? undefined : parseRuntimes(flags.runtime);
  const host = await session.progress.run(
    { title: 'Device' },
    () => loadHostDescription(),
    (description) => toHost(description).device,
  );
  const { arch, limit, runtime, seed } = flags;
  const threads = toThreads(flags, host.limits.usableCores);
  const draft = openProfileDraft(host, { extent, arch, limit, runtime, seed, threads }, session.context.clock);
  const { made, wasStopped } = await measure({ plan, extent, host, threads, runtimes, draft, startedMs }, session);
  const isKept = made.verdict === 'invalid' && (await hasBetterProfile(made));
  if (!isKept) await saveDeviceProfile(made);
  if (flags.output !== undefined) await saveDeviceProfile(made, resolve(flags.output));
  await draft.remove();
  return {
    document: () => ({
      conditions: toConditions(toHost(host), session, toRan(made)),
      verdict: made.verdict,
      reasons: made.reasons,
      summary: toSummary(made),
      results: [made],
    }),
    text: () => toProfileText(made, { path: flags.output ?? (isKept ? null : deviceProfilePath()), isKept, wasStopped }, session.width),
  };
}

function toSummary({ seconds, machine: { cores, ...rates } }: DeviceProfile): Readonly<Record<string, number | null>> {
  return { seconds, ...rates, handshakeNs: cores?.handshakeNs ?? null, sharing: cores?.sharing ?? null };
}

/** Whether this device has a profile already that may be trusted, in part at least. */
async function hasBetterProfile({ deviceId }: DeviceProfile): Promise<boolean> {
  const before = await loadDeviceProfile().catch(() => undefined);
  return before !== undefined && before.deviceId === deviceId && before.verdict !== 'invalid';
}

interface Measuring {
  readonly plan: ExtentPlan;
  readonly extent: Extent;
  readonly host: Awaited<ReturnType<typeof loadHostDescription>>;
  readonly threads: number;
  readonly runtimes: readonly string[] | undefined;
  readonly draft: ProfileDraft;
  readonly startedMs: number;
}

async function measure(
  { plan, extent, host, threads, runtimes, draft, startedMs }: Measuring,
  session: Session,
): Promise<{ readonly made: DeviceProfile; readonly wasStopped: boolean }> {
  const begin = await draft.load();
  if (begin) session.progress.say(`Going on with a profile that was interrupted after ${formatMs(1000 * begin.seconds)}.`);
  const title = plan.limitSeconds === null ? 'Measuring, until it gets no better' : `Measuring, for ${plan.limitSeconds} s at most`;
  const { findings, wasStopped, ...measured } = await session.progress.run({ title }, async (emit) => {
    const forward: typeof emit = (event) => (event.type === 'warning' ? session.context.emit(event) : emit(event));
    const context = { ...session.context, emit: forward };
    const mostWaitMs = 1000 * plan.mostWaitSeconds;
    const instruments = createDeviceInstruments({ threads, power: host.power, runtimes, mostWaitMs }, context);
    try {
      return await profileDevice({ plan, begin, startedMs, save: draft.save }, instruments, context);
    } finally {
      await draft.flush();
      instruments.close();
    }
  });
  return { made: toDeviceProfile(findings, { extent, host, createdAt: session.startedAt, ...measured }), wasStopped };
}

function toExtent({ quick = false, deep = false }: ProfileFlags): Extent {
  if (quick && deep) throw new UsageError('--quick and --deep contradict each other: give one of them, or none for a minute.');
  if (quick) return 'quick';
  return deep ? 'deep' : 'default';
}

function toThreads({ threads }: ProfileFlags, usableCores: number): number {
  if (threads === undefined || threads <= usableCores) return threads ?? usableCores;
  throw new UsageError(`--threads ${threads} is more than the cores that can be used here: give 1 to ${usableCores}.`);
}

function toPlan({ arch, limit }: ProfileFlags, extent: Extent): ExtentPlan {
  const networks = arch.map((name) => createArchitecture(name).name);
  const plan = networks.length === 0 ? extentPlans[extent] : selectNetworks(extentPlans[extent], networks);
  return limit === undefined ? plan : { ...plan, limitSeconds: limit };
}

function toRan({ inference: [fastest] }: DeviceProfile): Parameters<typeof toConditions>[2] {
  return fastest === undefined ? {} : { runtime: fastest.engine, runtimeUsed: fastest.engine, threads: fastest.threads };
}
