import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { manifest, readStamp, root, SetupError, writeStamp } from './checkout.mjs';
import { installKey } from './packages.mjs';
import { step } from './progress-line.mjs';
import { runProgram } from './run-program.mjs';

const buildStamp = 'node_modules/.precrop/build';

/** Names, sizes and times of every source, and which packages they were compiled against. */
function buildKey() {
  const hash = createHash('sha256').update(installKey());
  for (const path of ['tsconfig.json', 'tsconfig.base.json', ...manifest.workspaces.flatMap((workspace) => [...listSources(workspace)])]) {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

export function isBuilt() {
  const compiled = manifest.workspaces.every(
    (workspace) => existsSync(join(root, workspace, 'dist')) || [...listSources(workspace)].every((path) => !/\.tsx?$/.test(path)),
  );
  return compiled && readStamp(buildStamp) === buildKey();
}

export async function build(signal) {
  if (isBuilt()) return;
  const key = buildKey();
  await step('Build', 'compiling', async () => {
    const { code, output } = await runProgram(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { signal });
    if (code !== 0) throw new SetupError(`The sources do not compile:\n${output.trim()}`);
  });
  writeStamp(buildStamp, key);
}

function* listSources(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== 'dist' && entry.name !== 'node_modules') yield* listSources(path);
    else if (/\.tsx?$|^(tsconfig|package).*\.json$/.test(entry.name)) yield path;
  }
}
