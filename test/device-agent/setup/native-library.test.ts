import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addonRevision } from '@precrop/device-agent/setup/addon';
import { findNativeLibrary, setUpNativeLibrary } from '@precrop/device-agent/setup/native-library';
import { CancelledError } from '@precrop/sdk/core/errors';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failing, withFakeMachine } from './fake-host.js';
import { count, listFiles, readyOf } from './results.js';

const whole = suite('what is made');

whole('the wheel and the addon make a library that the next call finds without starting anything', () =>
  withFakeMachine(async (machine) => {
    const first = await setUpNativeLibrary(machine.host());
    const libraryPath = join(machine.cache, 'libtensorflow', '2.21.0-linux-x64', 'lib', 'libtensorflow_cc.so.2');
    assert.equal(first, { status: 'ready', version: '2.21.0', libraryPath, how: 'wheel' });
    assert.equal(machine.started, ['pip-version', 'pip-download', 'node-gyp', 'load']);
    assert.equal(await setUpNativeLibrary(machine.host()), { ...first, how: 'cached' });
    assert.equal(await findNativeLibrary(machine.host()), { ...first, how: 'cached' });
    assert.is(machine.started.length, 4);
  }),
);

whole('the addon finds the libraries where its rpath looks for them', () =>
  withFakeMachine(async (machine) => {
    await setUpNativeLibrary(machine.host());
    const addonFolder = join(machine.tfjsNode, 'lib', 'napi-v8');
    const lib = join(addonFolder, '..', '..', 'deps', 'lib');
    assert.is(await readFile(join(addonFolder, 'tfjs_binding.node'), 'utf8'), 'addon');
    for (const name of ['libtensorflow.so', 'libtensorflow_cc.so.2']) assert.is((await readFile(join(lib, name))).length, 300_000);
    for (const name of ['libtensorflow_framework.so', 'libtensorflow_framework.so.2']) {
      assert.is((await readFile(join(lib, name))).length, 20_000);
    }
  }),
);

whole('only the libraries and the headers are kept: no wheel, nothing else of it, nothing partial', () =>
  withFakeMachine(async (machine) => {
    await setUpNativeLibrary(machine.host());
    const files = await listFiles(machine.cache);
    assert.is(files.filter((path) => path.startsWith('libtensorflow')).length, 14 + 2 + 2);
    assert.is(files.filter((path) => /\.whl|unwanted|partial/.test(path)).length, 0);
  }),
);

whole('progress is told in bytes and ends at the total', () =>
  withFakeMachine(async (machine) => {
    await setUpNativeLibrary(machine.host());
    const unpacked = machine.events.flatMap((event) => (event.type === 'progress' && event.name.startsWith('unpack') ? [event] : []));
    assert.ok(unpacked.length > 0);
    assert.ok(unpacked.every((event, index) => event.unit === 'bytes' && event.done >= (unpacked[index - 1]?.done ?? 0)));
    assert.is(unpacked.at(-1)?.done, 320_000);
    assert.is(unpacked.at(-1)?.total, 320_000);
  }),
);

whole('a second checkout gets links alone', () =>
  withFakeMachine(async (machine) => {
    await setUpNativeLibrary(machine.host());
    // As npm ci does.
    await rm(join(machine.tfjsNode, 'lib'), { recursive: true });
    await rm(join(machine.tfjsNode, 'deps'), { recursive: true });
    machine.started.length = 0;
    assert.is((await setUpNativeLibrary(machine.host())).status, 'ready');
    assert.equal(machine.started, ['load']);
  }),
);

whole('a library that was cut short is fetched again', () =>
  withFakeMachine(async (machine) => {
    const first = readyOf(await setUpNativeLibrary(machine.host()));
    await truncate(first.libraryPath, 1000);
    assert.is((await setUpNativeLibrary(machine.host())).status, 'ready');
    assert.is(count(machine, 'pip-download'), 2);
    assert.is((await readFile(first.libraryPath)).length, 300_000);
  }),
);

whole('an addon that was built with another revision of our part is built anew', () =>
  withFakeMachine(async (machine) => {
    await setUpNativeLibrary(machine.host());
    const record = join(machine.tfjsNode, 'lib', 'napi-v8', 'precrop.json');
    const [folder = ''] = await readdir(join(machine.cache, 'addon'));
    await writeFile(record, (await readFile(record, 'utf8')).replace(addonRevision, '00000000'));
    await rename(join(machine.cache, 'addon', folder), join(machine.cache, 'addon', folder.replace(addonRevision, '00000000')));
    assert.is(readyOf(await setUpNativeLibrary(machine.host())).how, 'wheel');
    assert.is(count(machine, 'node-gyp'), 2);
    assert.is(count(machine, 'pip-download'), 1);
  }),
);

whole('two at once fetch once', () =>
  withFakeMachine(async (machine) => {
    const results = await Promise.all([setUpNativeLibrary(machine.host()), setUpNativeLibrary(machine.host())]);
    assert.equal(
      results.map(({ status }) => status),
      ['ready', 'ready'],
    );
    assert.is(count(machine, 'pip-download'), 1);
    assert.is(count(machine, 'node-gyp'), 1);
  }),
);

whole('an addon of the cache that does not load here is built anew', () =>
  withFakeMachine(async (machine) => {
    await setUpNativeLibrary(machine.host());
    await rm(join(machine.tfjsNode, 'lib'), { recursive: true });
    const loads = machine.behaviours.load;
    machine.behaviours.load = async (...args) => {
      machine.behaviours.load = loads;
      return failing('Error: version GLIBC_2.99 not found')(...args);
    };
    assert.is((await setUpNativeLibrary(machine.host())).status, 'ready');
    assert.is(count(machine, 'node-gyp'), 2);
  }),
);

whole.run();

const interrupted = suite('interrupted');

interrupted('what a killed set-up has left is cleared away', () =>
  withFakeMachine(async (machine) => {
    const partial = join(machine.cache, 'partial', 'native-library');
    await mkdir(join(partial, 'libtensorflow', 'lib'), { recursive: true });
    await mkdir(join(partial, 'wheel'));
    await writeFile(join(partial, 'wheel', 'a-half.whl'), 'half');
    await writeFile(join(partial, 'libtensorflow', 'lib', 'libtensorflow_cc.so.2'), 'half');
    await symlink('libtensorflow_cc.so.2', join(partial, 'libtensorflow', 'lib', 'libtensorflow.so'));
    const result = readyOf(await setUpNativeLibrary(machine.host()));
    assert.is((await readFile(result.libraryPath)).length, 300_000);
    assert.not(existsSync(partial));
  }),
);

for (const program of ['pip-download', 'node-gyp', 'load'] as const) {
  interrupted(`a cancel during ${program} throws CancelledError, leaves nothing half-made and is not remembered`, () =>
    withFakeMachine(async (machine) => {
      const cancel = new AbortController();
      const usual = machine.behaviours[program];
      machine.behaviours[program] = async () => {
        cancel.abort();
        throw new CancelledError();
      };
      await assertRejects(setUpNativeLibrary(machine.host({ signal: cancel.signal })), CancelledError);
      assert.equal(
        (await listFiles(machine.cache)).filter((path) => /partial|locks|native-library\.json/.test(path)),
        [],
      );
      assert.is((await findNativeLibrary(machine.host())).status, 'absent');
      assert.is(count(machine, 'installer'), 0);
      machine.behaviours[program] = usual;
      assert.is((await setUpNativeLibrary(machine.host())).status, 'ready');
    }),
  );
}

interrupted.run();

async function assertRejects(promise: Promise<unknown>, family: new () => Error): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, family);
}
