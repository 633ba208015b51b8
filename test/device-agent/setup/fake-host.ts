import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type LibtensorflowWheel, libtensorflowHeaders } from '@precrop/device-agent/setup/libtensorflow-wheels';
import type { CommandOptions, CommandResult } from '@precrop/device-agent/setup/run-command';
import { createSetupHost, type SetupHost } from '@precrop/device-agent/setup/setup-host';
import type { RunEvent } from '@precrop/sdk/core/events';
import { ZipFile } from 'yazl';

export type Behaviour = (args: readonly string[], options: CommandOptions) => Promise<CommandResult>;

/** The programs that the set-up starts, by what they are for. */
export type Program = 'pip-version' | 'pip-download' | 'node-gyp' | 'load' | 'installer';

export interface FakeMachine {
  readonly folder: string;
  readonly cache: string;
  readonly tfjsNode: string;
  /** What was started, in order. */
  readonly started: Program[];
  readonly events: RunEvent[];
  readonly behaviours: Record<Program, Behaviour>;
  /** Names of programs that are on PATH. */
  readonly programs: Set<string>;
  host(overrides?: Partial<SetupHost>): SetupHost;
}

export const ok: CommandResult = { code: 0, signal: null, output: '', stdout: '' };

export function failing(output: string, code = 1): Behaviour {
  return async () => ({ code, signal: null, output, stdout: '' });
}

const cc = 'tensorflow/libtensorflow_cc.so.2';
const framework = 'tensorflow/libtensorflow_framework.so.2';

/** A machine in a temporary folder whose pip, compiler and Node are functions; `work` gets it, then it is gone. */
export async function withFakeMachine(work: (machine: FakeMachine) => Promise<void>, leaveOut: readonly string[] = []): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'precrop-setup-'));
  try {
    await work(await createFakeMachine(folder, leaveOut));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function createFakeMachine(folder: string, leaveOut: readonly string[]): Promise<FakeMachine> {
  const wheelPath = join(folder, 'fake.whl');
  const wheel = await createWheel(wheelPath, leaveOut);
  const tfjsNode = join(folder, 'tfjs-node');
  await mkdir(join(tfjsNode, 'binding'), { recursive: true });
  await writeFile(join(tfjsNode, 'package.json'), JSON.stringify({ name: '@tensorflow/tfjs-node', version: '4.22.0' }));
  await writeFile(join(tfjsNode, 'binding.gyp'), '{}');
  await writeFile(join(tfjsNode, 'binding', 'tfjs_binding.cc'), 'source');
  const preGyp = join(tfjsNode, 'node_modules', '@mapbox', 'node-pre-gyp');
  await mkdir(preGyp, { recursive: true });
  await writeFile(join(preGyp, 'package.json'), '{}');

  const behaviours: Record<Program, Behaviour> = {
    'pip-version': async () => ok,
    'pip-download': async (args) => {
      await copyFile(wheelPath, join(optionValue(args, '--dest'), 'tensorflow_cpu-2.21.0-fake.whl'));
      return ok;
    },
    'node-gyp': async (args, { cwd = '' }) => {
      // The real one needs these two to lie where binding.gyp looks for them.
      await stat(join(cwd, 'deps', 'include', 'tensorflow', 'c', 'c_api.h'));
      await stat(join(cwd, 'deps', 'lib', 'libtensorflow.so'));
      const source = await readFile(join(cwd, 'binding', 'tfjs_binding.cc'), 'utf8');
      if (!/^source\n.*ReleaseLibtensorflowPages/s.test(source)) throw new Error('Our part is not in the source of the addon.');
      await mkdir(optionValue(args, '--module_path'));
      await writeFile(join(optionValue(args, '--module_path'), 'tfjs_binding.node'), 'addon');
      return ok;
    },
    load: async () => ({ ...ok, stdout: '2.21.0' }),
    installer: failing('Error: getaddrinfo ENOTFOUND storage.example'),
  };
  const started: Program[] = [];
  const events: RunEvent[] = [];
  const programs = new Set(['python3', 'c++', 'make']);
  const cache = join(folder, 'cache');
  return {
    folder,
    cache,
    tfjsNode,
    started,
    events,
    behaviours,
    programs,
    host: (overrides) =>
      createSetupHost({
        platform: 'linux',
        arch: 'x64',
        glibc: '2.36',
        variables: {},
        cacheDirectory: cache,
        packageDirectory: tfjsNode,
        wheels: [wheel],
        emit: (event) => events.push(event),
        findProgram: (name) => (programs.has(name) ? `/bin/${name}` : undefined),
        freeBytes: async () => 1e12,
        runCommand: async (command, args, options = {}) => {
          const program = recognise(command, args);
          started.push(program);
          return behaviours[program](args, options);
        },
        ...overrides,
      }),
  };
}

function recognise(command: string, args: readonly string[]): Program {
  const words = [basename(command), ...args].join(' ');
  if (words.includes('pip --version')) return 'pip-version';
  if (words.includes('pip download')) return 'pip-download';
  if (words.includes('node-gyp.js rebuild')) return 'node-gyp';
  if (words.includes('scripts/install.js')) return 'installer';
  if (words.includes('TF_Version')) return 'load';
  throw new Error(`The set-up started something unknown: ${words}`);
}

function optionValue(args: readonly string[], option: string): string {
  const word = args.find((arg) => arg.startsWith(`${option}=`));
  if (word === undefined) throw new Error(`${option} is missing in: ${args.join(' ')}`);
  return word.slice(option.length + 1);
}

/** A wheel as the real one, but for its size: the same paths, among others that are not wanted. */
async function createWheel(path: string, leaveOut: readonly string[]): Promise<LibtensorflowWheel> {
  const libraries = { [cc]: Buffer.alloc(300_000, 'cc'), [framework]: Buffer.alloc(20_000, 'framework') };
  const headers = libtensorflowHeaders.map((name) => [`tensorflow/include/${name}`, Buffer.from(`// ${name}`)] as const);
  const zip = new ZipFile();
  for (const [name, content] of [...Object.entries(libraries), ...headers, ['tensorflow/python/unwanted.py', Buffer.from('x')] as const]) {
    if (!leaveOut.includes(name)) zip.addBuffer(content, name);
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
  const bytes = await readFile(path);
  return {
    platform: 'linux',
    arch: 'x64',
    glibc: '2.27',
    packageName: 'tensorflow-cpu',
    platformTag: 'manylinux_2_27_x86_64',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    libraries: [
      { path: cc, bytes: libraries[cc].length, links: ['libtensorflow.so'] },
      { path: framework, bytes: libraries[framework].length, links: ['libtensorflow_framework.so'] },
    ],
  };
}
