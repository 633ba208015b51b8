import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createRandomBatch } from '@precrop/device-agent/bench/random-batch';
import { createTimedService, type TimedMethods } from '@precrop/device-agent/bench/timed-service';
import type { CreateService } from '@precrop/device-agent/worker/service';
import type { FormatName } from '@precrop/sdk/export/format';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { selectRuntime } from '@precrop/sdk/runtimes/registry';

export interface TimedFile {
  readonly architecture: Architecture;
  readonly format: FormatName;
  readonly path: string;
  readonly runtime: string;
  readonly threads: number;
  readonly batch: number;
}

/** Inference by a runtime of the very file, in a process of its own. */
export const createService: CreateService<TimedFile, TimedMethods> = async (input, context) => {
  const { architecture, format, path, runtime: name, threads, batch } = input;
  const { runtime } = await selectRuntime(name);
  const session = await runtime.load({ format, files: new Map([[basename(path), readFileSync(path)]]) }, { threads, batch });
  if (session.threads !== threads) throw new Error(`${name} runs on ${session.threads} threads, not ${threads}.`);
  const { images } = createRandomBatch(architecture, batch, context.rng.fork('batch'));
  return createTimedService({ repeat: () => session.infer(images), versions: {}, dispose: () => session.dispose() }, context);
};
