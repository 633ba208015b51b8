import type { Probe } from '@precrop/sdk/backends/backend';
import { listBackends, probeBackends } from '@precrop/sdk/backends/registry';
import type { CreateService } from '../worker/service.js';

export interface ProbeMethods {
  probe(): Promise<Probe>;
}

/** Asks one backend, by name, whether it works: in a process of its own, for a native library may crash while it loads. */
export const createProbeService: CreateService<string, ProbeMethods> = async (name) => ({
  methods: {
    async probe() {
      const [probed] = await probeBackends(listBackends().filter((entry) => entry.name === name));
      return probed?.probe ?? { status: 'absent', reason: `There is no backend "${name}".` };
    },
  },
});
