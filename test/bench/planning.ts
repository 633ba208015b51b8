/**
 * How long planning takes: `node test/dist/bench/planning.js PROFILE [ARCHITECTURE ...]`. Five times from a profile in memory to a plan: the cost model is fitted, a front
 * is searched, a plan is picked. A command pays the first time, before the code is warm; name one architecture alone to see all of that.
 */
import { readFileSync } from 'node:fs';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createCostModel } from '@precrop/sdk/cost/cost-model';
import { parseDeviceProfile } from '@precrop/sdk/cost/device-profile';
import { findFront } from '@precrop/sdk/plan/front';
import { pickPlan } from '@precrop/sdk/plan/pick';

const [path, ...asked] = process.argv.slice(2);
if (path === undefined) throw new Error('Give the file of a profile.');
const names = asked.length > 0 ? asked : ['resnet-20', 'mobilenet-v2-x1.0', 'resnet-50'];
const profile = parseDeviceProfile(JSON.parse(readFileSync(path, 'utf8')));

function time<T>(work: () => T): { readonly ms: number; readonly result: T } {
  const begun = performance.now();
  const result = work();
  return { ms: performance.now() - begun, result };
}

const batch = 1;
for (const name of names) {
  const architecture = createArchitecture(name);
  const runs = Array.from({ length: 5 }, () => {
    const fit = time(() => {
      const [costs] = createCostModel(profile).inference;
      if (!costs) throw new Error('The profile has no inference.');
      costs.estimateMs(architecture, batch);
      return costs;
    });
    const search = time(() => findFront(architecture, { latency: { costs: fit.result, batch } }));
    const pick = time(() => pickPlan(search.result, { latencyMs: (search.result.original.cost.latencyMs ?? 0) / 2 }));
    return { fit, search, ms: fit.ms + search.ms + pick.ms };
  });
  const front = runs[0]?.search.result;
  const latencyMs = front?.original.cost.latencyMs ?? 0;
  const picks = Array.from(
    { length: 100 },
    (_, index) => time(() => front && pickPlan(front, { latencyMs: (latencyMs * (index + 1)) / 100 })).ms,
  );
  const inMs = (times: readonly number[]): string => times.map((ms) => ms.toFixed(0)).join(', ');
  process.stdout.write(
    `${name.padEnd(20)} ${front?.candidates.length} candidates; planned in ${inMs(runs.map(({ ms }) => ms))} ms, of which the model was fitted in ${inMs(runs.map(({ fit }) => fit.ms))} and the front searched in ${inMs(runs.map(({ search }) => search.ms))}; re-planned in ${Math.max(...picks).toFixed(2)} ms at most\n`,
  );
}
