import { formatMs } from '@precrop/sdk/core/units';
import type { WorkerHandle } from '../worker/start-worker.js';
import type { TimedMethods } from './timed-service.js';

export interface CallLimits {
  /** What the first call may take, which compiles and allocates. */
  readonly patienceMs: number;
  /** What each further call may take. */
  readonly mostCallMs: number;
}

/** A worker's second call, ms; or, where one takes too long, a sentence, and the worker is killed. */
export async function timeCall(
  worker: WorkerHandle<TimedMethods>,
  { patienceMs, mostCallMs }: CallLimits,
): Promise<{ readonly callMs: number; readonly reason?: string }> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    worker.kill();
  }, patienceMs + mostCallMs);
  try {
    await worker.call('time', { count: 1 });
    const [callMs = 0] = await worker.call('time', { count: 1 });
    if (callMs <= mostCallMs) return { callMs };
    worker.kill();
    return { callMs, reason: `A call takes ${formatMs(callMs)}: more than the ${formatMs(mostCallMs)} that a call may take.` };
  } catch (error) {
    if (!isLate) throw error;
    return { callMs: patienceMs, reason: `A call had not ended after ${formatMs(patienceMs + mostCallMs)}, and was stopped.` };
  } finally {
    clearTimeout(timer);
  }
}
