import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { findCompiler } from './addon.js';
import { libtensorflowVersion } from './libtensorflow-wheels.js';
import type { SetupHost } from './setup-host.js';

/** The last set-up's failure, kept in the cache so that it can be told without failing again. */
export interface RememberedFailure {
  readonly circumstances: string;
  readonly costly: boolean;
  readonly reason: string;
  readonly remedy: string;
}

const rememberedFailure: z.ZodType<RememberedFailure> = z.object({
  circumstances: z.string(),
  costly: z.boolean(),
  reason: z.string(),
  remedy: z.string(),
});

export async function readFailure(host: SetupHost): Promise<RememberedFailure | undefined> {
  const text = await readFile(memoryPath(host), 'utf8').catch(() => 'null');
  return rememberedFailure.safeParse(parseJson(text)).data;
}

/** Keeps the failure; a cache that cannot be written only means that it is found anew. */
export async function rememberFailure(host: SetupHost, failure: Omit<RememberedFailure, 'circumstances'>): Promise<void> {
  const path = memoryPath(host);
  const record: RememberedFailure = { circumstances: describeCircumstances(host), ...failure };
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.${process.pid}`, JSON.stringify(record, undefined, 2));
    await rename(`${path}.${process.pid}`, path);
  } catch {
    await rm(`${path}.${process.pid}`, { force: true }).catch(() => undefined);
  }
}

export async function forgetFailure(host: SetupHost): Promise<void> {
  await rm(memoryPath(host), { force: true });
}

/** What a set-up depends on: when it changes, a failure of before says nothing any more. */
export function describeCircumstances(host: SetupHost): string {
  const pip = ['python3', 'python', 'py', 'pip3', 'pip'].map(host.findProgram).find((path) => path !== undefined);
  const parts = [
    libtensorflowVersion,
    host.platform,
    host.arch,
    host.glibc,
    `node ${host.nodeVersion}`,
    pip,
    findCompiler(host),
    host.findProgram('make'),
  ];
  return parts.map((part) => part ?? 'none').join(', ');
}

function memoryPath(host: SetupHost): string {
  return join(host.cacheDirectory, 'native-library.json');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
