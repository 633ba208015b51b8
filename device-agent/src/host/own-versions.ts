import { readFileSync } from 'node:fs';

/** Of Node and of this product. */
export function readOwnVersions(): Readonly<Record<string, string>> {
  return { node: process.versions.node, precrop: readPackageVersion(new URL('../../package.json', import.meta.url)) };
}

/** @param path of a package.json */
export function readPackageVersion(path: string | URL): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
