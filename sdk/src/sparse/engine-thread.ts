/** A thread of the engine: it follows the first one from job to job. */
import { parentPort, workerData } from 'node:worker_threads';
import { markFailed } from './engine-memory.js';
import type { ThreadData } from './engine-threads.js';
import { instantiate } from './web-assembly.js';

const { module, memory, thread } = workerData as ThreadData;
try {
  const { follow } = instantiate(module, memory);
  parentPort?.postMessage('ready');
  follow(thread);
} catch (error) {
  markFailed(memory); // the others wait for this one
  throw error;
}
