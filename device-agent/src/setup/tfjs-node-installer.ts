import { existsSync } from 'node:fs';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { napiVersion } from './addon.js';
import { forgetAddon, readLoadedVersion, recordAddon } from './addon-link.js';
import { lastWords } from './run-command.js';
import { SetupFailure } from './setup-failure.js';
import type { SetupHost } from './setup-host.js';

/** Downloads can hang where a firewall swallows them. */
const installerLimitMs = 10 * 60_000;

/**
 * tfjs-node's own way: an older libtensorflow and a finished addon from the project's storage, into this checkout alone.
 * @throws SetupFailure installer or load
 */
export async function runTfjsNodeInstaller(host: SetupHost): Promise<{ readonly version: string; readonly libraryPath: string }> {
  host.emit({ type: 'phase', name: 'tfjs-node installer', message: "Trying tfjs-node's own installer" });
  await forgetAddon(host);
  const result = await host.runCommand(host.nodePath, ['scripts/install.js', 'cpu', 'download'], {
    cwd: host.packageDirectory,
    variables: { ...host.variables, PATH: `${findBinFolder(host)}${delimiter}${host.variables['PATH'] ?? ''}` },
    signal: host.signal,
    timeoutMs: installerLimitMs,
  });
  const libraryPath = await findLibrary(host);
  if (result.code !== 0 || libraryPath === undefined) {
    await rm(join(host.packageDirectory, 'deps'), { recursive: true, force: true });
    const words =
      result.signal === 'SIGTERM' ? `it did not end within ${installerLimitMs / 60_000} minutes` : lastWords(errorLine(result.output), 1);
    throw new SetupFailure(
      'installer',
      `tfjs-node's own installer failed: ${words}.`,
      'Check the network connection, then run precrop doctor --repair.',
    );
  }
  // Windows looks for the DLL beside the addon; the installer puts it where another Node-API level would look.
  if (host.platform === 'win32')
    await copyFile(libraryPath, join(host.packageDirectory, 'lib', `napi-v${napiVersion}`, basename(libraryPath)));
  const version = await readLoadedVersion(host);
  await recordAddon(host, { version, libraryPath, how: 'installer' });
  return { version, libraryPath };
}

async function findLibrary(host: SetupHost): Promise<string | undefined> {
  const lib = join(host.packageDirectory, 'deps', 'lib');
  const names = await readdir(lib).catch(() => []);
  const main = names.find((name) => /^(libtensorflow\.(so|dylib)|tensorflow\.dll)/.test(name));
  return main && join(lib, main);
}

/** The installer calls node-pre-gyp by its bare name, so its folder has to be on PATH. */
function findBinFolder(host: SetupHost): string {
  const preGyp = createRequire(join(host.packageDirectory, 'package.json')).resolve('@mapbox/node-pre-gyp/package.json');
  const nested = join(host.packageDirectory, 'node_modules', '.bin');
  return existsSync(join(nested, 'node-pre-gyp')) ? nested : resolve(dirname(preGyp), '..', '..', '.bin');
}

function errorLine(output: string): string {
  return /^.*\bError\b.*$/m.exec(output)?.[0] ?? output;
}
