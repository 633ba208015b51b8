import { resolve } from 'node:path';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import type { Command } from 'commander';
import { benchCostModel, costModelNetworks } from '../../bench/cost-model.js';
import { createCostModelDocument } from '../../bench/cost-model-document.js';
import { toHost } from '../../host/host.js';
import { loadHostDescription } from '../../host/load-host-description.js';
import { checkProfileOfHost } from '../../profiler/check-profile-of-host.js';
import { createDeviceInstruments } from '../../profiler/device-instruments.js';
import { loadDeviceProfile } from '../../store/profile-store.js';
import type { Outcome, Session } from '../command-line.js';
import { toConditions } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { parseWhole } from '../option-values.js';
import { toCostModelText } from '../show-cost-model.js';

/** For cores that are in another state than when the profile was made, ms for each setting. */
const waitMs = 2000;

interface CostModelOptions {
  readonly profile?: string;
  readonly arch: readonly string[];
  readonly settings: number;
  readonly seed: number;
}

export function addBenchCostModel(bench: Command, run: RunAction): void {
  const what = 'What to measure:';
  const command = bench
    .command('cost-model')
    .summary('measure networks at random widths, and hold what the profile tells of them against that')
    .addOption(option(what, '--profile <file>', "a profile (default: this device's, which precrop profile makes)"))
    .addOption(
      option(what, '--arch <arch>', 'only this network; may be repeated')
        .default([], costModelNetworks.join(', '))
        .argParser((name: string, names: string[]) => [...names, name]),
    )
    .addOption(
      option(what, '--settings <n>', 'width settings of each network, and a quarter of it without alignment', parseWhole('--settings'), 40),
    )
    .addOption(option(what, '--seed <n>', 'of the widths', parseWhole('--seed', 0), 4711));
  addOutputOptions(command).action((options: CostModelOptions) =>
    run('bench cost-model', flagsOf(command), (session) => benchmark(options, session)),
  );
}

async function benchmark({ profile: path, arch, settings, seed }: CostModelOptions, session: Session): Promise<Outcome> {
  const names = arch.length > 0 ? arch.map((name) => createArchitecture(name).name) : costModelNetworks;
  const profile = await loadDeviceProfile(path === undefined ? undefined : resolve(path));
  const host = await loadHostDescription();
  const doubts = checkProfileOfHost(profile, host).map(({ reason }) => reason);
  for (const message of doubts) session.context.emit({ type: 'warning', message });
  const [fastest] = profile.inference;
  const threads = Math.max(...[fastest, profile.training[0]].map((engine) => engine?.threads ?? 1));
  const measured = await session.progress.run(
    { title: 'Cost model' },
    async (emit) => {
      const forward: typeof emit = (event) => (event.type === 'warning' ? session.context.emit(event) : emit(event));
      const context = { ...session.context, emit: forward, rng: session.context.rng.fork('cost-model', seed) };
      const bench = { profile, networks: names, settings, unaligned: Math.floor(settings / 4) };
      const mostWaitMs = waitMs * settings * names.length;
      const instruments = createDeviceInstruments({ threads, power: host.power, state: profile.machine.cores, mostWaitMs }, context);
      try {
        return await benchCostModel(bench, instruments, context);
      } finally {
        instruments.close();
      }
    },
    () => 'measured',
  );
  const ran = fastest === undefined ? {} : { runtime: fastest.engine, runtimeUsed: fastest.engine, threads: fastest.threads };
  const document = createCostModelDocument({ ...measured, doubts, conditions: toConditions(toHost(host), session, ran) });
  return { document: () => document, text: () => toCostModelText(document, session.width) };
}
