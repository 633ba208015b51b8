import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, readStamp, root, SetupError, writeStamp } from './checkout.mjs';
import { step } from './progress-line.mjs';
import { runProgram } from './run-program.mjs';

/** npm ci deletes node_modules and with it this stamp: an install that was interrupted leaves none. */
const installStamp = 'node_modules/.precrop/install';

export function installKey() {
  const machine = [process.platform, process.arch, process.versions.node.split('.')[0]].join(' ');
  return createHash('sha256')
    .update(machine)
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

export function isInstalled() {
  return readStamp(installStamp) === installKey();
}

export async function install(signal) {
  if (isInstalled()) return;
  if (!agreesWithLockFile()) {
    await step('Packages', 'installing from the lock file', async () => {
      const { command, args, shell } = findNpm();
      const options = ['ci', '--prefer-offline', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      const { code, output } = await runProgram(command, [...args, ...options], { shell, signal });
      if (code !== 0)
        throw new SetupError(
          `npm could not install the packages: ${npmReason(output)}. Check the network connection and run the command again.`,
        );
      return `${Object.keys(readJson('node_modules/.package-lock.json').packages).length} installed`;
    });
  }
  writeStamp(installStamp, installKey());
}

/** npm notes in node_modules what it has installed, last of all: whoever ran npm install by hand need not wait for npm ci. */
function agreesWithLockFile() {
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (installed === undefined) return false;
  const wanted = Object.entries(readJson('package-lock.json').packages).filter(
    ([path, entry]) => path.startsWith('node_modules/') && isMeantForHere(entry),
  );
  return wanted.every(([path, entry]) => {
    const found = installed[path];
    return found !== undefined && found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, path));
  });
}

/** An optional package may be left out, unless it says that it is for machines like this one. */
function isMeantForHere({ optional, os, cpu, libc }) {
  if (!optional) return true;
  const glibc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
  const fits = (list, value) => list === undefined || list.includes(value);
  return (os !== undefined || cpu !== undefined) && fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, glibc);
}

function findNpm() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli)) return { command: process.execPath, args: [cli], shell: false };
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}

function npmReason(output) {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  return (
    lines
      .filter((line) => line !== '' && !/^(code|errno|syscall|A complete log)\b/.test(line))
      .slice(0, 3)
      .join(' | ') || 'it said nothing'
  );
}
