import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CancelledError, toErrorData } from '@precrop/sdk/core/errors';
import { addonPath, prepareAddon, requireCompiler } from './addon.js';
import { findAddon, linkAddon, readLoadedVersion, recordAddon } from './addon-link.js';
import { describeCircumstances, forgetFailure, readFailure, rememberFailure } from './failure-memory.js';
import { prepareLibtensorflow, selectWheel } from './libtensorflow.js';
import { failurePolicies, SetupFailure, toSetupFailure } from './setup-failure.js';
import { createSetupHost, type SetupHost } from './setup-host.js';
import { withLock } from './setup-lock.js';
import { runTfjsNodeInstaller } from './tfjs-node-installer.js';

/** What the set-up of libtensorflow under tfjs-node came to. */
export type NativeLibrary =
  | { readonly status: 'ready'; readonly version: string; readonly libraryPath: string; readonly how: 'cached' | 'wheel' | 'installer' }
  | { readonly status: 'absent'; readonly reason: string; readonly remedy: string };

export interface SetUpOptions {
  /** Try again even what failed before at a cost, and look again whether what is there loads. */
  readonly retry?: boolean;
}

/**
 * Makes libtensorflow usable from this checkout, by the first way that holds: what is there already, the Python wheel
 * and an addon built against it, tfjs-node's own installer. Safe to interrupt and to repeat; one process at a time
 * works, others wait for it. Whatever goes wrong on this machine is a result, not an error.
 * @throws CancelledError when the host's signal is aborted; nothing half-made is left then.
 */
export async function setUpNativeLibrary(
  host: SetupHost = createSetupHost(),
  { retry = false }: SetUpOptions = {},
): Promise<NativeLibrary> {
  if (isSwitchedOff(host)) return switchedOff;
  const linked = retry ? undefined : await findReady(host);
  if (linked !== undefined) return linked;
  const failure = retry ? undefined : await readFailure(host);
  if (failure?.costly && failure.circumstances === describeCircumstances(host)) return absent(failure.reason, failure.remedy);
  try {
    const onWait = () => host.emit({ type: 'phase', name: 'wait', message: 'Waiting for another set-up of the native library' });
    const result = await withLock(join(host.cacheDirectory, 'locks', 'native-library'), { signal: host.signal, onWait }, () =>
      climbLadder(host, retry),
    );
    await forgetFailure(host);
    return result;
  } catch (error) {
    if (host.signal.aborted) throw error instanceof CancelledError ? error : new CancelledError(undefined, { cause: error });
    return toAbsent(host, error);
  }
}

/** The state of the set-up, without any work: what `precrop doctor` tells. */
export async function findNativeLibrary(host: SetupHost = createSetupHost()): Promise<NativeLibrary> {
  if (isSwitchedOff(host)) return switchedOff;
  const ready = await findReady(host);
  if (ready !== undefined) return ready;
  const failure = await readFailure(host);
  return failure === undefined
    ? absent('The native library is not set up yet.', 'Run precrop doctor --repair.')
    : absent(failure.reason, failure.remedy);
}

async function climbLadder(host: SetupHost, retry: boolean): Promise<NativeLibrary> {
  // Another process may have done it while this one waited.
  const linked = retry ? undefined : await findReady(host);
  if (linked !== undefined) return linked;
  try {
    return await useWheel(host);
  } catch (error) {
    const failure = toSetupFailure(error, host.cacheDirectory);
    if (host.signal.aborted || !(failure instanceof SetupFailure) || !failurePolicies[failure.kind].tryInstaller) throw failure;
    host.emit({ type: 'warning', message: failure.reason });
    return await useInstaller(host, failure);
  }
}

async function useWheel(host: SetupHost): Promise<NativeLibrary> {
  const wheel = selectWheel(host);
  const cachedAddon = existsSync(addonPath(host));
  if (!cachedAddon) requireCompiler(host);
  const partial = join(host.cacheDirectory, 'partial', 'native-library');
  // Left by a set-up that was killed: this process holds the lock, so nobody uses it.
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    const libtensorflow = await prepareLibtensorflow(host, wheel, partial);
    const installAddon = async (): Promise<string> => {
      await linkAddon(host, libtensorflow, await prepareAddon(host, libtensorflow, partial));
      return readLoadedVersion(host);
    };
    const version = await installAddon().catch(async (error: unknown) => {
      if (!cachedAddon || host.signal.aborted) throw error;
      // Built by another system that shares this cache: build it for this one.
      requireCompiler(host);
      await rm(dirname(addonPath(host)), { recursive: true, force: true });
      return installAddon();
    });
    await recordAddon(host, { version, libraryPath: libtensorflow.libraryPath, how: 'wheel' });
    return { status: 'ready', version, libraryPath: libtensorflow.libraryPath, how: 'wheel' };
  } finally {
    await rm(partial, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @param first why the wheel could not be used; told together with the installer's failure */
async function useInstaller(host: SetupHost, first: SetupFailure): Promise<NativeLibrary> {
  try {
    return { status: 'ready', ...(await runTfjsNodeInstaller(host)), how: 'installer' };
  } catch (error) {
    const second = toSetupFailure(error, host.packageDirectory);
    throw second instanceof SetupFailure ? new SetupFailure(second.kind, `${first.reason} ${second.reason}`, first.remedy, second) : second;
  }
}

async function findReady(host: SetupHost): Promise<NativeLibrary | undefined> {
  const record = await findAddon(host);
  return record && { status: 'ready', version: record.version, libraryPath: record.libraryPath, how: 'cached' };
}

async function toAbsent(host: SetupHost, error: unknown): Promise<NativeLibrary> {
  const known = toSetupFailure(error, host.cacheDirectory);
  const failure =
    known instanceof SetupFailure
      ? { costly: failurePolicies[known.kind].costly, reason: known.reason, remedy: known.remedy }
      : {
          costly: false,
          reason: `The set-up of the native library stopped unexpectedly: ${toErrorData(error).message}.`,
          remedy: 'Run precrop doctor --repair, and report it if that does not help.',
        };
  await rememberFailure(host, failure);
  return absent(failure.reason, failure.remedy);
}

function isSwitchedOff(host: SetupHost): boolean {
  return host.variables['PRECROP_NATIVE'] === 'off';
}

const switchedOff: NativeLibrary = absent('The native library is switched off by PRECROP_NATIVE=off.', 'Unset PRECROP_NATIVE to use it.');

function absent(reason: string, remedy: string): NativeLibrary {
  return { status: 'absent', reason, remedy };
}
