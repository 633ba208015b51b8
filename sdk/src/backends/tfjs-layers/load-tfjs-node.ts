import { createRequire } from 'node:module';
import util from 'node:util';
import type * as tf from '@tensorflow/tfjs-node';

/** tfjs with its native backend. @throws whatever the loader throws where the native library is absent or broken. */
export function loadTfjsNode(): typeof tf {
  // tfjs-node 4.22 calls two functions that Node 23 removed (tensorflow/tfjs #8609).
  const old = util as unknown as Record<string, (value: unknown) => boolean>;
  old['isNullOrUndefined'] ??= (value) => value === null || value === undefined;
  old['isArray'] ??= Array.isArray;
  return createRequire(import.meta.url)('@tensorflow/tfjs-node') as typeof tf;
}
