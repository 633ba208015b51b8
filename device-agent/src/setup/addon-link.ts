import { copyFile, lstat, mkdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { addonRevision, napiVersion } from './addon.js';
import type { Libtensorflow } from './libtensorflow.js';
import { lastWords } from './run-command.js';
import { SetupFailure } from './setup-failure.js';
import type { SetupHost } from './setup-host.js';

/** Written beside the addon after it was seen to load: what a checkout uses, found again in a millisecond. */
export interface AddonRecord {
  readonly version: string;
  readonly libraryPath: string;
  readonly libraryBytes: number;
  readonly how: 'wheel' | 'installer';
  readonly addonRevision: string;
  readonly nodeMajor: string;
}

const addonRecord: z.ZodType<AddonRecord> = z.object({
  version: z.string(),
  libraryPath: z.string(),
  libraryBytes: z.number(),
  how: z.enum(['wheel', 'installer']),
  addonRevision: z.string(),
  nodeMajor: z.string(),
});

/** Gives this checkout's tfjs-node the addon (a copy) and the libraries (a link to the cache), as its rpath expects. */
export async function linkAddon(host: SetupHost, libtensorflow: Libtensorflow, addon: string): Promise<void> {
  const { lib, deps } = places(host);
  await forgetAddon(host);
  await mkdir(lib, { recursive: true });
  await mkdir(deps, { recursive: true });
  const temporary = { addon: join(lib, `.addon-${process.pid}`), link: join(deps, `.lib-${process.pid}`) };
  await copyFile(addon, temporary.addon);
  await rename(temporary.addon, join(lib, 'tfjs_binding.node'));
  const link = join(deps, 'lib');
  const target = join(libtensorflow.directory, 'lib');
  if ((await readlink(link).catch(() => undefined)) === target) return;
  if ((await lstat(link).catch(() => undefined))?.isDirectory()) await rm(link, { recursive: true });
  await symlink(target, temporary.link);
  await rename(temporary.link, link);
}

/** @throws SetupFailure load, with the loader's words */
export async function readLoadedVersion(host: SetupHost): Promise<string> {
  const path = join(places(host).lib, 'tfjs_binding.node');
  // In a process of its own: a processor without the instructions that the library uses ends the process.
  const script = 'process.stdout.write(require(process.argv[1]).TF_Version)';
  const result = await host.runCommand(host.nodePath, ['-e', script, path], {
    variables: { ...host.variables, TF_CPP_MIN_LOG_LEVEL: '3' },
    signal: host.signal,
  });
  if (result.code === 0 && result.stdout !== '') return result.stdout;
  const words =
    result.signal === 'SIGILL'
      ? 'this processor lacks instructions that it uses (AVX)'
      : (/^Error: (.*)$/m.exec(result.output)?.[1] ?? lastWords(result.output));
  throw new SetupFailure(
    'load',
    `The native library does not load: ${words}.`,
    'Run precrop doctor --repair; if that does not help, go on with a slower backend.',
  );
}

/** Notes that the linked addon loads. */
export async function recordAddon(
  host: SetupHost,
  record: Omit<AddonRecord, 'libraryBytes' | 'addonRevision' | 'nodeMajor'>,
): Promise<void> {
  const path = recordPath(host);
  const { size } = await stat(record.libraryPath);
  await writeFile(
    `${path}.${process.pid}`,
    JSON.stringify({ ...record, libraryBytes: size, addonRevision, nodeMajor: nodeMajor(host) } satisfies AddonRecord),
  );
  await rename(`${path}.${process.pid}`, path);
}

/** What this checkout uses, when it was seen to load under this Node and its library still lies there whole. */
export async function findAddon(host: SetupHost): Promise<AddonRecord | undefined> {
  const text = await readFile(recordPath(host), 'utf8').catch(() => 'null');
  const { data: record } = addonRecord.safeParse(JSON.parse(text));
  if (record === undefined || record.nodeMajor !== nodeMajor(host) || record.addonRevision !== addonRevision) return undefined;
  const [addonSize, librarySize, linkedSize] = await Promise.all(
    [join(places(host).lib, 'tfjs_binding.node'), record.libraryPath, join(places(host).deps, 'lib')].map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => undefined,
      ),
    ),
  );
  return addonSize !== undefined && linkedSize !== undefined && librarySize === record.libraryBytes ? record : undefined;
}

/** Until it is seen to load again, the checkout has no addon. */
export async function forgetAddon(host: SetupHost): Promise<void> {
  await rm(recordPath(host), { force: true });
}

function places(host: SetupHost): { readonly lib: string; readonly deps: string } {
  return { lib: join(host.packageDirectory, 'lib', `napi-v${napiVersion}`), deps: join(host.packageDirectory, 'deps') };
}

function recordPath(host: SetupHost): string {
  return join(places(host).lib, 'precrop.json');
}

function nodeMajor(host: SetupHost): string {
  return host.nodeVersion.split('.')[0] ?? '';
}
