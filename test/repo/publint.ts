/** `node test/dist/repo/publint.js`: whether each package would work once published. Exits with 1 when one would not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { repositoryRoot } from './read-tree.js';

const packages = ['sdk', 'device-agent', 'electron-app', 'profiles'];
let broken = 0;
for (const name of packages) {
  const pkgDir = join(repositoryRoot, name);
  const sourceDir = join(pkgDir, 'src');
  if (!existsSync(sourceDir) || readdirSync(sourceDir).length === 0) {
    process.stdout.write(`${name}: holds no source yet, passed over\n`);
    continue;
  }
  const { messages } = await publint({ pkgDir, strict: true, pack: 'npm' });
  const manifest = JSON.parse(readFileSync(join(pkgDir, 'package.json'), 'utf8'));
  for (const message of messages) {
    process.stdout.write(`${name}/package.json: ${formatMessage(message, manifest)}\n`);
    broken++;
  }
}
process.stdout.write(`publint: ${packages.length} packages, ${broken} messages\n`);
process.exitCode = broken === 0 ? 0 : 1;
