/**
 * `npm start` and `npm test` on a bare clone: installs from the lock file, builds, prepares the native library, then runs
 * the command. Each step is skipped in milliseconds when it is done already, and may be interrupted and repeated. Plain
 * JavaScript without dependencies, as there is nothing else yet when it starts. It speaks on stderr: stdout is the command's.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, isBuilt } from './device-agent/bootstrap/build.mjs';
import { manifest, root, SetupError } from './device-agent/bootstrap/checkout.mjs';
import { withCheckoutLock } from './device-agent/bootstrap/checkout-lock.mjs';
import { prepareNativeLibrary } from './device-agent/bootstrap/native-library.mjs';
import { install, isInstalled } from './device-agent/bootstrap/packages.mjs';

/** What can be run, and the file that does it. */
const commands = {
  demo: { file: 'device-agent/bin/precrop.mjs', args: ['demo'] },
  test: { file: 'test/dist/run.js', args: [] },
};

const exitCodes = { SIGINT: 130, SIGTERM: 143 };

async function main(name = 'demo', ...args) {
  const command = commands[name];
  if (command === undefined)
    throw new SetupError(`There is no command "${name}", only ${Object.keys(commands).join(' and ')}.`, { exitCode: 2 });
  requireNode();
  await setUp();
  await runCommand(command, args);
}

async function setUp() {
  const interrupt = new AbortController();
  const onSignal = (signal) => interrupt.abort(signal);
  for (const name of Object.keys(exitCodes)) process.once(name, onSignal);
  const { signal } = interrupt;
  try {
    if (!isInstalled() || !isBuilt()) {
      await withCheckoutLock(signal, async () => {
        await install(signal);
        await build(signal);
      });
    }
    await prepareNativeLibrary(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new SetupError('Interrupted. What is done is kept: run the command again to go on.', {
      exitCode: exitCodes[signal.reason],
      cause: error,
    });
  } finally {
    for (const name of Object.keys(exitCodes)) process.removeListener(name, onSignal);
  }
}

/** In this same process, so that signals, the terminal and the exit code are the command's own. */
async function runCommand({ file, args: firstArgs }, args) {
  const path = join(root, file);
  process.argv.splice(1, process.argv.length, path, ...firstArgs, ...args);
  await import(pathToFileURL(path).href);
}

function requireNode() {
  const wanted = manifest.engines.node.replace('>=', '');
  if (process.versions.node.localeCompare(wanted, 'en', { numeric: true }) >= 0) return;
  throw new SetupError(
    `This is Node ${process.versions.node}, but ${manifest.name} needs ${wanted} or newer. Install a newer Node and run the command again.`,
  );
}

await main(...process.argv.slice(2)).catch((error) => {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
});
