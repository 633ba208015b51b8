/** Starts a worker, tells its process id and waits to be ended: the test sees whether the worker is left behind. */
import { startWorker } from '@precrop/device-agent/worker/start-worker';
import { createContext } from '@precrop/sdk/core/context';

const worker = await startWorker(new URL('./fixture-service.js', import.meta.url), {}, { context: createContext() });
process.send?.(worker.pid);
