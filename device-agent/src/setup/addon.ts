import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { appendFile, cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Libtensorflow } from './libtensorflow.js';
import { libtensorflowVersion } from './libtensorflow-wheels.js';
import { lastWords } from './run-command.js';
import { SetupFailure } from './setup-failure.js';
import { readPackageVersion, type SetupHost } from './setup-host.js';

/** Node-API level that tfjs-node 4.22 is built for; every Node since 12.22 has it, so one addon serves them all. */
export const napiVersion = 8;

const addonName = 'tfjs_binding.node';
const compilerNames = ['c++', 'g++', 'clang++'] as const;

/** Ours, joined to the addon's own: it says what for. */
const addedSource = readFileSync(new URL('../../native/release-pages.cc', import.meta.url), 'utf8');

/** Tells the addons of different builds apart. */
export const addonRevision: string = createHash('sha256').update(addedSource).digest('hex').slice(0, 8);

/** The addon's place in the user's cache, named by everything it depends on. */
export function addonPath(host: SetupHost): string {
  const version = readPackageVersion(host.packageDirectory);
  const folder = `tfjs-node-${version}-libtensorflow-${libtensorflowVersion}-napi-${napiVersion}-${host.platform}-${host.arch}-${addonRevision}`;
  return join(host.cacheDirectory, 'addon', folder, addonName);
}

/**
 * tfjs-node's addon, from the cache or built from the package's own sources against libtensorflow. It is built in a
 * copy, so that a build that fails leaves nothing behind in the package.
 * @throws SetupFailure build
 */
export async function prepareAddon(host: SetupHost, libtensorflow: Libtensorflow, partial: string): Promise<string> {
  const finished = addonPath(host);
  if (existsSync(finished)) return finished;
  host.emit({ type: 'phase', name: 'build addon', message: "Building tfjs-node's addon" });
  const workplace = join(partial, 'addon');
  await mkdir(workplace, { recursive: true });
  for (const part of ['binding', 'binding.gyp', 'package.json']) {
    await cp(join(host.packageDirectory, part), join(workplace, part), { recursive: true });
  }
  await appendFile(join(workplace, 'binding', 'tfjs_binding.cc'), `\n${addedSource}`);
  await symlink(libtensorflow.directory, join(workplace, 'deps'));
  const built = join(workplace, 'out');
  const result = await host.runCommand(host.nodePath, [findNodeGyp(), ...rebuildArgs(host, built)], {
    cwd: workplace,
    variables: { ...host.variables, ...linkerVariables(host.platform) },
    signal: host.signal,
  });
  if (result.code !== 0 || !existsSync(join(built, addonName))) {
    throw new SetupFailure(
      'build',
      `tfjs-node's addon could not be built: ${lastWords(errorLines(result.output))}.`,
      'Install what the message asks for (a C++17 compiler, make, the headers of this Node), then run precrop doctor --repair.',
    );
  }
  await mkdir(dirname(dirname(finished)), { recursive: true });
  await rm(dirname(finished), { recursive: true, force: true });
  await rename(built, dirname(finished));
  return finished;
}

/** Asked before anything is downloaded. @throws SetupFailure no-compiler */
export function requireCompiler(host: SetupHost): void {
  const compiler = findCompiler(host);
  if (compiler !== undefined && host.findProgram('make') !== undefined) return;
  const install: Partial<Record<NodeJS.Platform, string>> = {
    linux: 'Install them (Debian and Ubuntu: sudo apt install build-essential; Fedora: sudo dnf install gcc-c++ make)',
    darwin: 'Install them with xcode-select --install',
  };
  throw new SetupFailure(
    'no-compiler',
    `tfjs-node's addon has to be built, but there is no ${compiler === undefined ? `C++ compiler (looked for ${compilerNames.join(', ')})` : 'make'}.`,
    `${install[host.platform] ?? 'Install a C++17 compiler and make'} and run the command again.`,
  );
}

export function findCompiler(host: SetupHost): string | undefined {
  const chosen = host.variables['CXX'];
  return chosen || compilerNames.map(host.findProgram).find((path) => path !== undefined);
}

function rebuildArgs(host: SetupHost, built: string): string[] {
  const headers = findNodeHeaders(host);
  return [
    'rebuild',
    '--jobs=2',
    '--module_name=tfjs_binding',
    `--module_path=${built}`,
    `--napi_build_version=${napiVersion}`,
    ...(headers === undefined ? [] : [`--nodedir=${headers}`]),
  ];
}

/** binding.gyp gives macOS no rpath, because it expects libtensorflow under another install name than the wheel's. */
function linkerVariables(platform: NodeJS.Platform): Readonly<Record<string, string>> {
  return platform === 'darwin' ? { LDFLAGS: '-Wl,-rpath,@loader_path/../../deps/lib' } : {};
}

/**
 * The folder whose include/node holds the headers of this Node, when one lies here; node-gyp downloads them otherwise.
 * Any headers of the same major version do, as the addon uses Node-API alone.
 */
function findNodeHeaders(host: SetupHost): string | undefined {
  const candidates = [host.variables['npm_config_nodedir'], dirname(dirname(realpathSync(host.nodePath))), '/usr/local', '/usr'];
  const define = `#define NODE_MAJOR_VERSION ${host.nodeVersion.split('.')[0]}`;
  return candidates.find((folder): folder is string => {
    if (!folder) return false;
    const include = join(folder, 'include', 'node');
    if (!existsSync(join(include, 'node_api.h')) || !existsSync(join(include, 'node_version.h'))) return false;
    return readFileSync(join(include, 'node_version.h'), 'utf8').split(/\r?\n/).includes(define);
  });
}

function findNodeGyp(): string {
  return createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
}

/** The compiler's own words say more than make's and node-gyp's last ones. */
function errorLines(output: string): string {
  const errors = output.split(/\r?\n/).filter((line) => /\berror\b|gyp ERR! (stack|find)/i.test(line));
  return errors.slice(0, 3).join('\n') || output;
}
