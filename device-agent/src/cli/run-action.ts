import { writeSync } from 'node:fs';
import { createContext } from '@precrop/sdk/core/context';
import type { JsonDocument } from '../protocol/json-document.js';
import type { Action, Outcome, Session } from './command-line.js';
import { createProgress } from './progress.js';
import { type OutputFlags, reportFailure } from './report-failure.js';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a command's action: its words or its document go to stdout, all else to stderr. The first Ctrl-C cancels the action, the second
 * ends the process at once.
 */
export async function runAction(command: string, flags: OutputFlags & { readonly seed?: number }, action: Action): Promise<void> {
  const cancellation = new AbortController();
  const stop = (): void => {
    if (cancellation.signal.aborted) leave();
    cancellation.abort();
    progress.tell('Stopping. Press Ctrl-C again to end at once.');
  };
  for (const name of stopSignals) process.on(name, stop);
  const progress = createProgress(process.stderr);
  const context = createContext({
    signal: cancellation.signal,
    emit: (event) => event.type === 'warning' && progress.say(`! ${event.message}`),
    seed: flags.seed ?? 0,
  });
  const width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  const session: Session = { context, progress, width, startedAt: new Date() };
  try {
    const outcome = await action(session);
    await progress.close();
    if (progress.isUsed && process.stdout.isTTY && process.stderr.isTTY) progress.say('');
    process.stdout.write(`${await toOutput(command, outcome, flags)}\n`);
  } catch (error) {
    await progress.close();
    reportFailure(command, flags, error);
  } finally {
    for (const name of stopSignals) process.off(name, stop);
  }
}

async function toOutput(command: string, outcome: Outcome, { json }: OutputFlags): Promise<string> {
  if (!json) return outcome.text();
  const document: JsonDocument<unknown> = { schemaVersion: 1, command, ...(await outcome.document()) };
  return JSON.stringify(document, null, 2);
}

/** Ends at once; children see that their parent is gone. The progress lines may have hidden the cursor. */
function leave(): never {
  if (process.stderr.isTTY) writeSync(process.stderr.fd, '\u001b[?25h\n');
  process.exit(130);
}
