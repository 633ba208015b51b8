/**
 * How long planning takes: `node test/dist/bench/planning.js PROFILE [ARCHITECTURE ...]`. From a profile in memory: the cost model is fitted, a front is searched, plans
 * are picked from it. The first of each is what a command pays, before the code is warm.
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

const fitted = time(() => {
  const [costs] = createCostModel(profile).inference;
  costs?.estimateMs(createArchitecture('resnet-20'), 1);
  return costs;
});
process.stdout.write(`cost model of ${fitted.result?.engine}: ${fitted.ms.toFixed(0)} ms to fit\n`);
if (!fitted.result) throw new Error('The profile has no inference.');
for (const name of names) {
  const architecture = createArchitecture(name);
  const costs = { latency: { costs: fitted.result, batch: 1 } };
  const searches = Array.from({ length: 5 }, () => time(() => findFront(architecture, costs)));
  const front = searches[0]?.result;
  const latencyMs = front?.original.cost.latencyMs ?? 0;
  const picks = Array.from(
    { length: 100 },
    (_, index) => time(() => front && pickPlan(front, { latencyMs: (latencyMs * (index + 1)) / 100 })).ms,
  );
  const first = searches.map(({ ms }) => ms.toFixed(0)).join(', ');
  process.stdout.write(
    `${name.padEnd(20)} ${front?.candidates.length} candidates; searched in ${first} ms; re-planned in ${Math.max(...picks).toFixed(2)} ms at most\n`,
  );
}
