import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '@precrop/sdk/core/hash';
import { engineProfileSchema } from '@precrop/sdk/cost/device-profile';
import { writeFile } from '@precrop/sdk/data/write-file';
import { z } from 'zod';
import type { Findings } from '../profiler/findings.js';
import type { HostDescription } from '../protocol/host-description.js';
import { cacheDirectory } from '../setup/cache-directory.js';
import { removeFile } from './profile-store.js';

/** A profiling that is not finished, kept so that it can go on. */
export interface ProfileDraft {
  /** What an earlier one of the same kind, on the same device and versions, left; undefined where there is none. */
  load(): Promise<Findings | undefined>;
  /** Keeps what was found, but at most once a second: `flush` writes what is withheld. */
  save(findings: Findings): Promise<void>;
  flush(): Promise<void>;
  remove(): Promise<void>;
}

const quietMs = 1000;

const draftSchema = z.strictObject({
  schemaVersion: z.literal(2),
  key: z.string(),
  findings: z.strictObject({
    machine: z.strictObject({ peakGflops: z.number().positive(), bandwidthGbPerS: z.number().positive() }).nullable(),
    inference: z.array(engineProfileSchema),
    training: z.array(engineProfileSchema),
    answers: z.array(z.strictObject({ name: z.string(), status: z.string(), device: z.string() })),
    partsDone: z.int().nonnegative(),
    seconds: z.number().nonnegative(),
    lastDoubt: z.string().nullable(),
  }),
});

/** The draft of a request on this host. Any change of either begins anew. */
export function openProfileDraft(
  host: HostDescription,
  request: unknown,
  clock: () => number,
  directory: string = cacheDirectory(),
): ProfileDraft {
  const path = join(directory, 'profiles', 'unfinished.json');
  const key = hashOf({ request, device: host.deviceId, cores: host.limits.usableCores, versions: host.versions });
  let withheld: Findings | undefined;
  let writtenMs = Number.NEGATIVE_INFINITY;
  const flush = async (): Promise<void> => {
    if (!withheld) return;
    const findings = withheld;
    withheld = undefined;
    await writeFile(path, [JSON.stringify({ schemaVersion: 2, key, findings })]);
    writtenMs = clock();
  };
  return {
    flush,
    async load() {
      const text = await readFile(path, 'utf8').catch(() => undefined);
      const parsed = draftSchema.safeParse(text === undefined ? undefined : parseJson(text));
      return parsed.success && parsed.data.key === key ? parsed.data.findings : undefined;
    },
    async save(findings) {
      withheld = findings;
      if (clock() - writtenMs >= quietMs) await flush();
    },
    remove: () => removeFile(path),
  };
}

/** What was cut off by a crash is no draft. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
