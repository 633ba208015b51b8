import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '@precrop/sdk/core/errors';
import { type DeviceProfile, parseDeviceProfile } from '@precrop/sdk/cost/device-profile';
import { writeFile } from '@precrop/sdk/data/write-file';
import { cacheDirectory } from '../setup/cache-directory.js';

/** Where this user's profile of this device is kept. */
export function deviceProfilePath(directory: string = cacheDirectory()): string {
  return join(directory, 'profiles', 'device.json');
}

/**
 * The profile in a file, or the one of this device that `precrop profile` left.
 * @throws UsageError where there is none, or what is there is damaged or of a later version.
 */
export async function loadDeviceProfile(path: string = deviceProfilePath()): Promise<DeviceProfile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new UsageError(`The profile ${path} cannot be read: ${(error as Error).message}.`, { cause: error });
    const what = path === deviceProfilePath() ? 'This device has no profile yet.' : `There is no profile at ${path}.`;
    throw new UsageError(`${what} Make one with precrop profile: it takes a minute.`, { cause: error });
  }
  return parseDeviceProfile(parseJson(text, path), `The profile ${path}`);
}

/** Whole or not at all. @throws StorageError where it cannot be written. */
export function saveDeviceProfile(profile: DeviceProfile, path: string = deviceProfilePath()): Promise<void> {
  return writeFile(path, [toJson(profile)]);
}

/** Removes a file that may not be there. */
export function removeFile(path: string): Promise<void> {
  return rm(path, { force: true });
}

/** Samples of a network on one line: a profile is looked at by people too. */
function toJson(profile: DeviceProfile): string {
  return `${JSON.stringify(profile, null, 1).replace(/\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]/g, (_, numbers: string) => `[${numbers.replace(/\s+/g, ' ')}]`)}\n`;
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The profile ${path} is damaged: it is no JSON. Make it anew with precrop profile.`, { cause: error });
  }
}
