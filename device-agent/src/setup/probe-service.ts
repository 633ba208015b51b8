import type { Probe } from '@precrop/sdk/backends/backend';
import { listBackends, probeBackends } from '@precrop/sdk/backends/registry';
import { listRuntimes, probeRuntimes } from '@precrop/sdk/runtimes/registry';
import type { CreateService } from '../worker/service.js';

export interface ProbeQuestion {
  readonly kind: 'backend' | 'runtime';
  readonly name: string;
}

export interface ProbeMethods {
  probe(): Promise<Probe>;
}

/** Asks one backend or runtime whether it works: in a process of its own, for a native library may crash while it loads. */
export const createProbeService: CreateService<ProbeQuestion, ProbeMethods> = async ({ kind, name }) => ({
  methods: {
    async probe() {
      const isNamed = (entry: { readonly name: string }): boolean => entry.name === name;
      const probed =
        kind === 'backend' ? await probeBackends(listBackends().filter(isNamed)) : await probeRuntimes(listRuntimes().filter(isNamed));
      return probed[0]?.probe ?? { status: 'absent', reason: `There is no ${kind} "${name}".` };
    },
  },
});
