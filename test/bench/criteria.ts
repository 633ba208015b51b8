/**
 * How long criteria take: `node test/dist/bench/criteria.js [ARCHITECTURE [DENSITY [CRITERION ...]]]`. Each scores in a process of its own, from first weights and ten
 * CIFAR-10 images a class to masks; so the time holds the compilation of its programs. The native library is warm, as after any other work.
 */

import { startWorker } from '@precrop/device-agent/worker/start-worker';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { findDensities } from '@precrop/sdk/density/registry';
import { criteria } from '@precrop/sdk/saliency/registry';
import type { ScoredNetwork, TimedCriterion } from '../support/timed-criterion.js';

const [name = 'resnet-20', share = '0.1', ...asked] = process.argv.slice(2);
const density = Number(share);
const network: ScoredNetwork = { name, density };
const names = asked.length > 0 ? asked : criteria.map((criterion) => criterion.name);
process.stdout.write(`${name} at density ${share}, ms of each of three scorings in a row:\n`);
for (const source of names) {
  const worker = await startWorker<TimedCriterion>(new URL('../support/timed-criterion.js', import.meta.url), network, {
    context: createContext(),
  });
  const times = await worker.call('times', { source, repeats: 3 });
  process.stdout.write(`${source.padEnd(20)} ${times.map((time) => time.toFixed(0).padStart(7)).join(' ')}\n`);
  await worker.close();
}
const architecture = createArchitecture(name);
const times = Array.from({ length: 5 }, () => {
  const begun = performance.now();
  findDensities(architecture, 'synexp', { params: density });
  return performance.now() - begun;
});
process.stdout.write(`${'synexp'.padEnd(20)} ${times.map((time) => time.toFixed(2).padStart(7)).join(' ')}\n`);
