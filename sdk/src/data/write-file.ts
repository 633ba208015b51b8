import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toStorageError } from './write-folder.js';

/**
 * Writes a file whole or not at all: into a neighbour that takes the file's place once its bytes are on the disk.
 * @throws StorageError when it cannot be written; the file that stood there before is left as it was.
 */
export async function writeFile(path: string, chunks: Iterable<Uint8Array | string>): Promise<void> {
  const neighbour = `${path}.partial-${process.pid}`;
  let file: FileHandle | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    file = await open(neighbour, 'w');
    for (const chunk of chunks) await file.appendFile(chunk);
    await file.sync();
    await file.close();
    await rename(neighbour, path);
  } catch (error) {
    await file?.close().catch(() => {});
    await rm(neighbour, { force: true }).catch(() => {});
    throw toStorageError(error, path);
  }
}
