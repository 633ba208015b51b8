import type { RunContext } from '@precrop/sdk/core/context';
import { CancelledError, toErrorData } from '@precrop/sdk/core/errors';
import { startWorker } from '../worker/start-worker.js';
import type { NamedProbe } from './doctor.js';
import type { ProbeQuestion } from './probe-service.js';

/** A driver that hangs must not hang the command, ms. On a busy machine loading libtensorflow takes some seconds. */
const patienceMs = 30_000;

/** Whether a backend or runtime works, asked in a process of its own: a crash there, or no answer in time, is an answer too. */
export async function probeApart(question: ProbeQuestion, context: RunContext, limitMs: number = patienceMs): Promise<NamedProbe> {
  const { name } = question;
  let timer: NodeJS.Timeout | undefined;
  let isLate = false;
  try {
    const worker = await startWorker('probe', question, { context });
    timer = setTimeout(() => {
      isLate = true;
      worker.kill();
    }, limitMs);
    const probe = await worker.call('probe');
    await worker.close();
    return { name, ...probe };
  } catch (error) {
    if (context.signal.aborted) throw error instanceof CancelledError ? error : new CancelledError(undefined, { cause: error });
    const reason = isLate ? `It did not answer within ${limitMs / 1000} s, and was stopped.` : toErrorData(error).message;
    return { name, status: 'broken', reason };
  } finally {
    clearTimeout(timer);
  }
}

/** The answers to questions, in their order; a few processes at a time. */
export async function probeAllApart(questions: readonly ProbeQuestion[], context: RunContext): Promise<readonly NamedProbe[]> {
  const answers: NamedProbe[] = [];
  const together = 4; // each loads a library of some hundred megabytes
  for (let first = 0; first < questions.length; first += together) {
    answers.push(...(await Promise.all(questions.slice(first, first + together).map((question) => probeApart(question, context)))));
  }
  return answers;
}
