import { readdirSync, readFileSync } from 'node:fs';

/** How the files of the system are read: a test passes its own. */
export type ReadText = (path: string) => string | null;

/** A small file of the system, such as one of /proc or /sys; null where it cannot be read. */
export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Names in a folder; none where it cannot be read. */
export function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
