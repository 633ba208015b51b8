import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

export interface CacheDirectoryOptions {
  readonly platform?: NodeJS.Platform;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
}

/** The user's folder for what can be fetched or built again. PRECROP_CACHE overrides where the platform would put it. */
export function cacheDirectory(options: CacheDirectoryOptions = {}): string {
  const { platform = process.platform, variables = process.env, home = homedir() } = options;
  const { join, resolve, isAbsolute } = platform === 'win32' ? win32 : posix;
  if (variables['PRECROP_CACHE']) return resolve(variables['PRECROP_CACHE']);
  if (platform === 'win32') return join(variables['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'precrop', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'precrop');
  // The XDG base directory specification: a relative path is to be ignored.
  const xdg = variables['XDG_CACHE_HOME'];
  return join(xdg && isAbsolute(xdg) ? xdg : join(home, '.cache'), 'precrop');
}
