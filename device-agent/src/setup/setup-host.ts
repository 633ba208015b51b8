import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { RunEvent } from '@precrop/sdk/core/events';
import { cacheDirectory } from './cache-directory.js';
import { type LibtensorflowWheel, libtensorflowWheels } from './libtensorflow-wheels.js';
import { findOnPath, type RunCommand, runCommand } from './run-command.js';

/** The machine and everything else outside that the set-up touches, as an argument: a test passes its own. */
export interface SetupHost {
  readonly platform: NodeJS.Platform;
  readonly arch: NodeJS.Architecture;
  /** Version of the C library; undefined on macOS, Windows and musl. */
  readonly glibc: string | undefined;
  readonly nodeVersion: string;
  readonly nodePath: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Kept for good, shared by every checkout of this user. */
  readonly cacheDirectory: string;
  /** tfjs-node of this checkout: where the addon is linked into. */
  readonly packageDirectory: string;
  readonly wheels: readonly LibtensorflowWheel[];
  readonly signal: AbortSignal;
  readonly emit: (event: RunEvent) => void;
  readonly runCommand: RunCommand;
  readonly findProgram: (name: string) => string | undefined;
  readonly freeBytes: (directory: string) => Promise<number>;
}

/** This machine, with what the caller wants otherwise. */
export function createSetupHost(overrides: Partial<SetupHost> = {}): SetupHost {
  const variables = overrides.variables ?? process.env;
  const platform = overrides.platform ?? process.platform;
  return {
    platform,
    arch: process.arch,
    glibc: findGlibcVersion(),
    nodeVersion: process.versions.node,
    nodePath: process.execPath,
    variables,
    cacheDirectory: cacheDirectory({ platform, variables }),
    packageDirectory: overrides.packageDirectory ?? findTfjsNode(),
    wheels: libtensorflowWheels,
    signal: new AbortController().signal,
    emit: () => {},
    runCommand,
    findProgram: (name) => findOnPath(name, variables, platform),
    freeBytes: countFreeBytes,
    ...overrides,
  };
}

/** tfjs-node belongs to the sdk, so it is looked up from there. */
function findTfjsNode(): string {
  const fromSdk = createRequire(import.meta.resolve('@precrop/sdk/core/errors'));
  return dirname(fromSdk.resolve('@tensorflow/tfjs-node/package.json'));
}

function findGlibcVersion(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime;
}

async function countFreeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Version in the package's own package.json. */
export function readPackageVersion(packageDirectory: string): string {
  const { version } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string };
  return version;
}
