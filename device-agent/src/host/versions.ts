import { createRequire } from 'node:module';
import { findNativeLibrary } from '../setup/native-library.js';
import { readOwnVersions, readPackageVersion } from './own-versions.js';

const libraries: Readonly<Record<string, string>> = {
  'onnxruntime-node': 'onnxruntime-node',
  tfjs: '@tensorflow/tfjs-core',
  'tfjs-node': '@tensorflow/tfjs-node',
  webgpu: 'webgpu',
};

/** Of Node, this product and the libraries that are found; none of them is loaded. */
export async function loadVersions(): Promise<Readonly<Record<string, string>>> {
  const found = Object.entries(libraries).flatMap(([name, packageName]) => {
    const version = findVersion(packageName);
    return version === undefined ? [] : [[name, version] as const];
  });
  const native = await findNativeLibrary().catch(() => undefined);
  return {
    ...readOwnVersions(),
    ...Object.fromEntries(found),
    ...(native?.status === 'ready' ? { libtensorflow: native.version } : {}),
  };
}

/** They belong to the sdk, so they are looked up from there. */
function findVersion(packageName: string): string | undefined {
  try {
    return readPackageVersion(createRequire(import.meta.resolve('@precrop/sdk/core/errors')).resolve(`${packageName}/package.json`));
  } catch {
    return undefined; // left out of this installation
  }
}
