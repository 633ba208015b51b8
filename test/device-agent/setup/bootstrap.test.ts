import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

interface Clone {
  readonly folder: string;
  run(
    args: readonly string[],
    options?: { readonly variables?: Record<string, string>; readonly interruptAt?: NodeJS.Signals },
  ): Promise<Ending>;
  /** What the fake npm, tsc and set-up were asked for, in order. */
  log(): Promise<string[]>;
  write(path: string, text: string): Promise<void>;
}

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const bootstrap = suite('bootstrap');

bootstrap('a bare clone is installed, built and set up; then the command runs with its arguments and exit code', () =>
  withClone(async (clone) => {
    const { code, stdout, stderr } = await clone.run(['demo', '--full', 'a b']);
    assert.is(stdout, '["demo","--full","a b"]');
    assert.is(code, 7);
    assert.equal(await clone.log(), ['npm ci', 'tsc -b', 'native']);
    assert.match(stderr, /Packages.*\n.*Build.*\n[\s\S]*Native library: libtensorflow 2\.21\.0/);
  }),
);

bootstrap('the second time nothing is done and nothing is said', () =>
  withClone(async (clone) => {
    await clone.run(['demo']);
    const { code, stderr } = await clone.run(['test', 'x']);
    assert.is(code, 0);
    assert.is(stderr, '');
    assert.equal(await clone.log(), ['npm ci', 'tsc -b', 'native', 'native']);
  }),
);

bootstrap('a changed source is compiled, a changed lock file is installed', () =>
  withClone(async (clone) => {
    await clone.run(['demo']);
    await utimes(join(clone.folder, 'sdk/src/a.ts'), new Date(), new Date(Date.now() + 5000));
    await clone.run(['demo']);
    assert.equal((await clone.log()).slice(3), ['tsc -b', 'native']);
    await clone.write('package-lock.json', lockFile({ 'node_modules/new': { version: '1.0.0', integrity: 'sha512-new' } }));
    await clone.run(['demo']);
    assert.equal((await clone.log()).slice(5), ['npm ci', 'tsc -b', 'native']);
  }),
);

bootstrap('packages that somebody installed by hand are used when they are those of the lock file', () =>
  withClone(async (clone) => {
    const wanted = { version: '1.0.0', integrity: 'sha512-a' };
    const foreign = { version: '1.0.0', integrity: 'sha512-b', optional: true, os: ['plan9'] };
    await clone.write('package-lock.json', lockFile({ 'node_modules/a': wanted, 'node_modules/foreign': foreign }));
    await clone.write('node_modules/a/package.json', '{}');
    await clone.write('node_modules/.package-lock.json', lockFile({ 'node_modules/a': wanted }));
    await clone.run(['demo']);
    assert.equal(await clone.log(), ['tsc -b', 'native']);
    await rm(join(clone.folder, 'node_modules/.precrop'), { recursive: true });
    await clone.write('node_modules/.package-lock.json', lockFile({ 'node_modules/a': { ...wanted, integrity: 'sha512-other' } }));
    await clone.run(['demo']);
    assert.equal((await clone.log()).slice(2), ['npm ci', 'tsc -b', 'native']);
  }),
);

bootstrap('an install that fails says why, stops, and is done again', () =>
  withClone(async (clone) => {
    const failed = await clone.run(['demo'], { variables: { FAKE_NPM: 'fail' } });
    assert.is(failed.code, 1);
    assert.match(failed.stderr, /npm could not install the packages: request to the registry failed\. Check the network/);
    assert.not.match(failed.stderr, /\bat .*:\d+:\d+/);
    assert.is(failed.stdout, '');
    await clone.run(['demo']);
    assert.equal(await clone.log(), ['npm ci', 'npm ci', 'tsc -b', 'native']);
  }),
);

bootstrap("sources that do not compile stop it with the compiler's words", () =>
  withClone(async (clone) => {
    const { code, stderr } = await clone.run(['demo'], { variables: { FAKE_TSC: 'fail' } });
    assert.is(code, 1);
    assert.match(stderr, /The sources do not compile:\na\.ts\(1,1\): error TS1/);
    assert.equal(await clone.log(), ['npm ci', 'tsc -b']);
  }),
);

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  bootstrap(
    `${signal} during an install that does not want to stop ends it with exit code ${exitCode}, and the next run installs again`,
    () =>
      withClone(async (clone) => {
        const { code, stderr } = await clone.run(['demo'], { variables: { FAKE_NPM: 'hang' }, interruptAt: signal });
        assert.is(code, exitCode);
        assert.match(stderr, /Interrupted\. What is done is kept/);
        assert.not(existsSync(join(clone.folder, 'node_modules/.precrop/install')));
        await clone.run(['demo']);
        assert.equal(await clone.log(), ['npm ci', 'npm ci', 'tsc -b', 'native']);
      }),
  );
}

bootstrap('two at once install and build once', () =>
  withClone(async (clone) => {
    const endings = await Promise.all([clone.run(['demo']), clone.run(['demo'])]);
    assert.equal(
      endings.map(({ code }) => code),
      [7, 7],
    );
    assert.equal((await clone.log()).sort(), ['native', 'native', 'npm ci', 'tsc -b']);
  }),
);

bootstrap('without a native library it says why and goes on', () =>
  withClone(async (clone) => {
    const { code, stderr } = await clone.run(['demo'], { variables: { FAKE_NATIVE: 'absent' } });
    assert.match(stderr, /Native library: No pip was found\. Install pip\. Going on with a slower backend\./);
    assert.is(code, 7);
    assert.is((await clone.run(['demo'], { variables: { FAKE_NATIVE: 'throw' } })).code, 7);
  }),
);

bootstrap('an unknown command is named, with exit code 2', () =>
  withClone(async (clone) => {
    const { code, stderr } = await clone.run(['dmeo']);
    assert.is(code, 2);
    assert.is(stderr, 'There is no command "dmeo", only demo and test.\n');
    assert.equal(await clone.log(), []);
  }),
);

bootstrap.run();

/** A clone with the real bootstrap, and small stand-ins for everything that it starts. */
async function withClone(work: (clone: Clone) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'precrop-clone-'));
  try {
    await work(await createClone(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function createClone(folder: string): Promise<Clone> {
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  for (const path of ['bootstrap.mjs', 'device-agent/bootstrap']) {
    await cp(join(repository, path), join(folder, path), { recursive: true });
  }
  const log = join(folder, 'log.txt');
  const logged = (line: string): string => `require('node:fs').appendFileSync(${JSON.stringify(log)}, '${line}\\n');`;
  await write('package.json', JSON.stringify({ name: 'precrop', workspaces: ['sdk'], engines: { node: '>=20.19' } }));
  await write('package-lock.json', lockFile({}));
  await write('tsconfig.json', '{}');
  await write('tsconfig.base.json', '{}');
  await write('sdk/src/a.ts', '');
  await write('device-agent/bin/precrop.mjs', 'process.stdout.write(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');
  await write('test/dist/run.js', '');
  await write(
    'device-agent/dist/setup/native-library.js',
    `import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    let calls = 0;
    export async function setUpNativeLibrary() {
      const first = !require('node:fs').readFileSync(${JSON.stringify(log)}, 'utf8').includes('native');
      ${logged('native')}
      if (process.env.FAKE_NATIVE === 'throw') throw new Error('broken');
      if (process.env.FAKE_NATIVE === 'absent') return { status: 'absent', reason: 'No pip was found.', remedy: 'Install pip.' };
      return { status: 'ready', version: '2.21.0', how: first ? 'wheel' : 'cached' };
    }`,
  );
  await write('device-agent/dist/setup/setup-host.js', 'export const createSetupHost = (host) => host;');
  await write('device-agent/dist/package.json', '{"type":"module"}');
  const tsc = `${logged('tsc -b')}
    if (process.env.FAKE_TSC) { console.log('a.ts(1,1): error TS1: wrong'); process.exit(1); }
    require('node:fs').mkdirSync('sdk/dist', { recursive: true });`;
  // npm ci deletes node_modules before it fills it.
  await write(
    'fake/npm-cli.js',
    `const fs = require('node:fs');
    ${logged('npm ci')}
    fs.rmSync('node_modules', { recursive: true, force: true });
    if (process.env.FAKE_NPM === 'fail') { console.error('npm error code ECONNREFUSED\\nnpm error request to the registry failed'); process.exit(1); }
    if (process.env.FAKE_NPM === 'hang') { process.on('SIGTERM', () => {}); setTimeout(() => {}, 60_000); }
    else {
      fs.mkdirSync('node_modules/typescript/bin', { recursive: true });
      fs.writeFileSync('node_modules/typescript/bin/tsc', ${JSON.stringify(tsc)});
      fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
    }`,
  );
  await write('node_modules/typescript/bin/tsc', tsc);
  await chmod(join(folder, 'fake/npm-cli.js'), 0o755);
  return { folder, write, log: async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean), run };

  function run(
    args: readonly string[],
    { variables = {}, interruptAt }: { variables?: Record<string, string>; interruptAt?: NodeJS.Signals } = {},
  ): Promise<Ending> {
    return new Promise((resolve) => {
      const env = { ...process.env, npm_execpath: join(folder, 'fake/npm-cli.js'), ...variables };
      const child = spawn(process.execPath, [join(folder, 'bootstrap.mjs'), ...args], { cwd: folder, env });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      // Once npm is at work.
      const waiting = setInterval(() => {
        if (interruptAt === undefined || !existsSync(log)) return;
        clearInterval(waiting);
        child.kill(interruptAt);
      }, 20);
      child.on('close', (code) => {
        clearInterval(waiting);
        resolve({ code, stdout, stderr });
      });
    });
  }
}

function lockFile(packages: Record<string, unknown>): string {
  return JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } });
}
