/**
 * The shape of the code as data: who may import whom. `layers.test.ts` checks the tree against it, and a violation's
 * message says what to do. To change the shape, change this table and say why in docs/decisions.
 */

/** A folder (or file) of sdk/src imports only those with a lower number; files of one folder import each other freely. */
export const sdkNumbers: Readonly<Record<string, number>> = {
  core: 0,
  ir: 1,
  architectures: 2,
  density: 2,
  program: 2,
  'graph-def': 3,
  crop: 3,
  mask: 3,
  cost: 3,
  data: 3,
  export: 4,
  backends: 4,
  sparse: 5,
  saliency: 5,
  train: 5,
  runtimes: 6,
  plan: 7,
  compress: 8,
  index: 9,
};

/** Folders of sdk/src that run anywhere, a browser too: no `node:`, no DOM, no tfjs, and no import of a folder that has them. */
export const pureSdkFolders: readonly string[] = [
  'core',
  'ir',
  'architectures',
  'density',
  'program',
  'graph-def',
  'crop',
  'mask',
  'cost',
  'export',
  'plan',
];

/** Folders whose code must run without Node. */
export const foldersWithoutNode: readonly string[] = [
  ...pureSdkFolders.map((folder) => `sdk/src/${folder}`),
  'device-agent/src/protocol',
  'electron-app/src/shared',
  'electron-app/src/renderer',
];

/** What a package may import of the other packages, always through their `exports`. Nothing imports test. */
export const packageImports: Readonly<Record<string, readonly string[]>> = {
  sdk: [],
  profiles: [],
  'device-agent': ['sdk/src'],
  'electron-app': ['device-agent/src/protocol', ...pureSdkFolders.map((folder) => `sdk/src/${folder}`)],
  test: ['sdk/src', 'device-agent/src', 'electron-app/src', 'profiles/src'],
};

/**
 * One door for a foreign package: the only folders that import it. `@scope/*` stands for every package of the scope. A
 * package that has no row may not be imported; tests and root files import what they need.
 */
export const doors: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/*': ['device-agent/src/store', 'device-agent/src/fleet'],
  '@hono/*': ['device-agent/src/http'],
  '@noble/hashes': ['sdk/src/core'],
  '@observablehq/plot': ['device-agent/src/report/charts', 'electron-app/src/renderer/charts'],
  '@tensorflow/*': ['sdk/src/backends', 'sdk/src/runtimes'],
  assemblyscript: ['sdk/build-engine-wasm.mjs'],
  commander: ['device-agent/src/cli'],
  electron: ['electron-app/src/main', 'electron-app/src/preload'],
  'fast-png': ['sdk/src/data'],
  flatbuffers: ['sdk/src/export'],
  hono: ['device-agent/src/http'],
  linkedom: ['device-agent/src/report/charts', 'electron-app/src/renderer/charts'],
  listr2: ['device-agent/src/cli'],
  'node-gyp': ['device-agent/src/setup'],
  'onnxruntime-node': ['sdk/src/runtimes'],
  pino: ['device-agent/src'],
  preact: ['electron-app/src/renderer'],
  protobufjs: ['sdk/src/graph-def', 'sdk/src/export'],
  'pure-rand': ['sdk/src/core'],
  sharp: ['sdk/src/data'],
  systeminformation: ['device-agent/src/host'],
  tar: ['sdk/src/data'],
  webgpu: ['sdk/src/backends', 'sdk/src/runtimes'],
  yauzl: ['device-agent/src/setup'],
  zod: ['sdk/src', 'device-agent/src', 'electron-app/src', 'profiles/src'],
};

/** Names of Node's and the DOM's globals that code without Node does not use. */
export const hostGlobals: readonly string[] = [
  'Buffer',
  'HTMLElement',
  'XMLHttpRequest',
  '__dirname',
  '__filename',
  'document',
  'fetch',
  'global',
  'localStorage',
  'navigator',
  'process',
  'require',
  'setImmediate',
];

/** The DOM's globals may be used where a browser is the host. */
export const domFolders: readonly string[] = ['electron-app/src/renderer'];

export const maxLinesPerFile = 300;

/** `index.ts` marks a package's public door and nothing else. */
export const publicDoors: readonly string[] = ['sdk/src/index.ts'];

/** Names that say nothing about what a file holds. */
export const emptyNames: readonly string[] = ['utils', 'util', 'helpers', 'misc', 'common'];
