import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './checkout.mjs';
import { startLine, toSeconds } from './progress-line.mjs';

/** Without it the next backend serves, so whatever goes wrong here is told and no reason to stop. */
export async function prepareNativeLibrary(signal) {
  const load = (name) => import(pathToFileURL(join(root, 'device-agent/dist/setup', `${name}.js`)).href);
  const line = startLine();
  const startedAt = Date.now();
  let about = '';
  const emit = (event) => {
    if (event.type === 'phase') {
      about = event.message ?? event.name;
      line.update(about);
    } else if (event.type === 'progress') {
      line.update(`${about}: ${toMegabytes(event.done)} of ${toMegabytes(event.total)} MB`, event.done / event.total);
    } else if (event.type === 'warning') {
      line.update(event.message);
    }
  };
  try {
    const [{ setUpNativeLibrary }, { createSetupHost }] = await Promise.all([load('native-library'), load('setup-host')]);
    const result = await setUpNativeLibrary(createSetupHost({ signal, emit }));
    if (result.status === 'absent') line.end(`! Native library: ${result.reason} ${result.remedy} Going on with a slower backend.`);
    else if (result.how === 'cached') line.end();
    else line.end(`✓ Native library: libtensorflow ${result.version} (${toSeconds(startedAt)})`);
  } catch (error) {
    if (signal.aborted) {
      line.end();
      throw error;
    }
    line.end(`! Native library: its set-up failed unexpectedly: ${error.message}. Going on with a slower backend.`);
  }
}

function toMegabytes(bytes) {
  return Math.round(bytes / 1e6);
}
