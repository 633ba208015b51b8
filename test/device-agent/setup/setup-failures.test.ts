import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findNativeLibrary, type NativeLibrary, setUpNativeLibrary } from '@precrop/device-agent/setup/native-library';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failing, ok, withFakeMachine } from './fake-host.js';
import { absentOf, count, listFiles } from './results.js';

test("no pip: tfjs-node's installer is tried, both reasons are told, and remembered", () =>
  withFakeMachine(async (machine) => {
    machine.programs.delete('python3');
    const result = absentOf(await setUpNativeLibrary(machine.host()));
    assert.match(result.reason, /^No pip was found .*tfjs-node's own installer failed: Error: getaddrinfo ENOTFOUND storage\.example\.$/);
    assert.match(result.remedy, /apt install python3-pip/);
    assert.equal(machine.started, ['installer']);
    assert.equal(await findNativeLibrary(machine.host()), result);
    assert.equal(await setUpNativeLibrary(machine.host()), result);
    assert.is(machine.started.length, 1, 'the costly installer is not tried again while nothing has changed');
    await setUpNativeLibrary(machine.host(), { retry: true });
    assert.equal(machine.started, ['installer', 'installer'], 'but when asked');
    machine.programs.add('python3');
    assert.is((await setUpNativeLibrary(machine.host())).status, 'ready', 'and when a pip has come');
    assert.not(existsSync(join(machine.cache, 'native-library.json')));
  }));

test('a python without pip is no pip', () =>
  withFakeMachine(async (machine) => {
    machine.behaviours['pip-version'] = failing('No module named pip');
    assert.match(absentOf(await setUpNativeLibrary(machine.host())).reason, /^No pip was found/);
    assert.is(count(machine, 'pip-download'), 0);
  }));

test("where tfjs-node's installer succeeds, its library is used", () =>
  withFakeMachine(async (machine) => {
    machine.programs.delete('python3');
    machine.behaviours.installer = async () => {
      await mkdir(join(machine.tfjsNode, 'deps', 'lib'), { recursive: true });
      await mkdir(join(machine.tfjsNode, 'lib', 'napi-v8'), { recursive: true });
      await writeFile(join(machine.tfjsNode, 'deps', 'lib', 'libtensorflow.so.2.9.1'), 'library');
      await writeFile(join(machine.tfjsNode, 'lib', 'napi-v8', 'tfjs_binding.node'), 'addon');
      return ok;
    };
    machine.behaviours.load = async () => ({ ...ok, stdout: '2.9.1' });
    const libraryPath = join(machine.tfjsNode, 'deps', 'lib', 'libtensorflow.so.2.9.1');
    assert.equal(await setUpNativeLibrary(machine.host()), { status: 'ready', version: '2.9.1', libraryPath, how: 'installer' });
    assert.equal(await setUpNativeLibrary(machine.host()), { status: 'ready', version: '2.9.1', libraryPath, how: 'cached' });
  }));

test('a package index that cannot be reached is told in the words of the network', () =>
  withFakeMachine(async (machine) => {
    machine.behaviours['pip-download'] = failing(
      `WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(<pip._vendor>: [Errno 111] Connection refused')': /simple/
ERROR: No matching distribution found for tensorflow-cpu==2.21.0`,
    );
    const { reason } = absentOf(await setUpNativeLibrary(machine.host()));
    assert.match(reason, /^pip could not download libtensorflow 2\.21\.0: its package index cannot be reached \(Connection refused\)\./);
  }));

test("a download that fails: pip's last words are the reason, nothing is half-written, and it is not tried again unasked", () =>
  withFakeMachine(async (machine) => {
    machine.behaviours['pip-download'] = failing('WARNING: retrying\nERROR: No matching distribution found for tensorflow-cpu==2.21.0');
    const { reason } = absentOf(await setUpNativeLibrary(machine.host()));
    assert.match(reason, /pip could not download libtensorflow 2\.21\.0: .*No matching distribution found/);
    assert.equal(
      (await listFiles(machine.cache)).filter((path) => path !== 'native-library.json'),
      [],
    );
    await setUpNativeLibrary(machine.host());
    assert.is(count(machine, 'pip-download'), 1);
  }));

test('a wrong checksum tells both hashes and keeps no file', () =>
  withFakeMachine(async (machine) => {
    const [wheel] = machine.host().wheels;
    const host = machine.host({ wheels: wheel ? [{ ...wheel, sha256: 'f'.repeat(64) }] : [] });
    const { reason, remedy } = absentOf(await setUpNativeLibrary(host));
    assert.match(reason, new RegExp(`sha256 ${wheel?.sha256}, but f{64} is expected; it was deleted`));
    assert.match(remedy, /package index/);
    assert.equal(
      (await listFiles(machine.cache)).filter((path) => path !== 'native-library.json'),
      [],
    );
    assert.is(count(machine, 'installer'), 0, 'a file that somebody has changed is no reason to run another download');
  }));

test('too little space is told in bytes before the download, and looked at again the next time', () =>
  withFakeMachine(async (machine) => {
    const { reason } = absentOf(await setUpNativeLibrary(machine.host({ freeBytes: async () => 100_000 })));
    assert.match(reason, /needs \d+ kB of free space in .*cache, but 100 kB is free/);
    assert.is(count(machine, 'pip-download'), 0);
    assert.is((await setUpNativeLibrary(machine.host())).status, 'ready');
  }));

test('a disk that becomes full during the download or the build is told as such', () =>
  withFakeMachine(async (machine) => {
    const download = machine.behaviours['pip-download'];
    machine.behaviours['pip-download'] = failing('ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device');
    assert.match(absentOf(await setUpNativeLibrary(machine.host())).reason, /became full during the download/);
    machine.behaviours['pip-download'] = download;
    machine.behaviours['node-gyp'] = async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    assert.match(absentOf(await setUpNativeLibrary(machine.host())).reason, /^The disk that holds .*cache is full\.$/);
    assert.is(count(machine, 'installer'), 0);
    assert.not(existsSync(join(machine.tfjsNode, 'lib', 'napi-v8', 'tfjs_binding.node')));
  }));

for (const [missing, expected] of [
  ['c++', /no C\+\+ compiler/],
  ['make', /no make/],
] as const) {
  test(`without ${missing} nothing is downloaded by pip`, () =>
    withFakeMachine(async (machine) => {
      machine.programs.delete(missing);
      const { reason, remedy } = absentOf(await setUpNativeLibrary(machine.host()));
      assert.match(reason, expected);
      assert.match(remedy, /build-essential/);
      assert.equal(machine.started, ['installer']);
    }));
}

test("a build that fails tells the compiler's words, keeps the library and leaves the package as it was", () =>
  withFakeMachine(async (machine) => {
    const before = await listFiles(machine.tfjsNode);
    const build = machine.behaviours['node-gyp'];
    machine.behaviours['node-gyp'] = failing(
      "CXX(target)\nbinding/utils.h:3:10: fatal error: 'string' file not found\nmake: *** [x] Error 1\ngyp ERR! not ok",
    );
    assert.match(absentOf(await setUpNativeLibrary(machine.host())).reason, /addon could not be built: .*'string' file not found/);
    assert.equal(await listFiles(machine.tfjsNode), before);
    machine.behaviours['node-gyp'] = build;
    assert.is((await setUpNativeLibrary(machine.host(), { retry: true })).status, 'ready');
    assert.is(count(machine, 'pip-download'), 1);
  }));

test('a wheel without a file that is needed is told by the name of the file', () =>
  withFakeMachine(
    async (machine) => {
      assert.match(
        absentOf(await setUpNativeLibrary(machine.host())).reason,
        /holds no tensorflow\/include\/tensorflow\/c\/eager\/c_api\.h\./,
      );
      assert.not(existsSync(join(machine.cache, 'libtensorflow', '2.21.0-linux-x64')));
    },
    ['tensorflow/include/tensorflow/c/eager/c_api.h'],
  ));

test('a library that the processor cannot run is not called ready, now or later', () =>
  withFakeMachine(async (machine) => {
    machine.behaviours.load = async () => ({ code: null, signal: 'SIGILL', output: '', stdout: '' });
    assert.match(absentOf(await setUpNativeLibrary(machine.host())).reason, /this processor lacks instructions/);
    assert.is((await findNativeLibrary(machine.host())).status, 'absent');
  }));

test('a machine that no wheel is for goes to the installer, and the reason names it', () =>
  withFakeMachine(async (machine) => {
    for (const [overrides, expected] of [
      [{ platform: 'freebsd' }, /no libtensorflow 2\.21\.0 for freebsd x64, only for linux x64/],
      [{ arch: 'riscv64' }, /for linux riscv64/],
      [{ glibc: undefined }, /needs glibc 2\.27 or newer, but this system has another C library/],
      [{ glibc: '2.9' }, /has glibc 2\.9/],
    ] as const) {
      assert.match(absentOf(await setUpNativeLibrary(machine.host(overrides))).reason, expected);
    }
    assert.equal(machine.started, ['installer', 'installer', 'installer', 'installer']);
  }));

test('PRECROP_NATIVE=off does nothing and says so', () =>
  withFakeMachine(async (machine) => {
    const host = machine.host({ variables: { PRECROP_NATIVE: 'off' } });
    assert.match(absentOf(await setUpNativeLibrary(host)).reason, /switched off by PRECROP_NATIVE=off/);
    assert.match(absentOf(await findNativeLibrary(host)).reason, /switched off/);
    assert.equal(machine.started, []);
    assert.not(existsSync(machine.cache));
  }));

test('every absence is a sentence and says what to do', () =>
  withFakeMachine(async (machine) => {
    const seen: NativeLibrary[] = [await findNativeLibrary(machine.host())];
    for (const program of ['pip-version', 'pip-download', 'node-gyp', 'load'] as const) {
      const usual = machine.behaviours[program];
      machine.behaviours[program] = failing('');
      seen.push(await setUpNativeLibrary(machine.host(), { retry: true }));
      machine.behaviours[program] = usual;
    }
    for (const result of seen) {
      const { reason, remedy } = absentOf(result);
      for (const sentence of [reason, remedy]) assert.match(sentence, /^[A-Z"].*\.$|^(pip|tfjs)\b.*\.$/);
      assert.not.match(reason, /undefined|\bat .*:\d+:\d+/);
    }
  }));

test.run();
