import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkLayers } from './check-layers.js';
import { findCycles } from './find-cycles.js';
import * as table from './layers.js';
import { readRepositoryFile, readSourceTree } from './read-tree.js';
import { parseSourceFile } from './source-file.js';

const test = suite('layers');

function check(files: Readonly<Record<string, string>>): string[] {
  return checkLayers(Object.entries(files).map(([path, text]) => parseSourceFile(path, text)));
}

/** The files break one rule, and the message has all of `parts`. */
function assertBroken(files: Readonly<Record<string, string>>, ...parts: readonly string[]): void {
  const broken = check(files);
  assert.is(broken.length, 1, `expected one message, got:\n${broken.join('\n')}`);
  for (const part of parts) assert.ok(broken[0]?.includes(part), `"${part}" should be in: ${broken[0]}`);
}

test('the tree keeps the layer table', () => {
  const files = readSourceTree();
  assert.ok(files.length > 20, `only ${files.length} files were read`);
  const broken = checkLayers(files);
  assert.ok(broken.length === 0, `${broken.length} rules of test/repo/layers.ts are broken:\n${broken.join('\n')}`);
});

test('a folder imports lower numbers and itself', () => {
  assert.equal(
    check({
      'sdk/src/crop/x.ts': "import { a } from '../ir/shapes.js';\nimport { b } from './y.js';\nexport * from '../core/rng.js';\n",
      'device-agent/src/cli/x.ts': "import { a } from '@precrop/sdk/ir/shapes';\nimport { Command } from 'commander';\n",
      'test/sdk/crop/x.test.ts': "import { a } from '@precrop/sdk/crop/x';\nimport * as tf from '@tensorflow/tfjs-node';\n",
    }),
    [],
  );
});

test('a higher or equal number is refused, types too', () => {
  const message =
    'sdk/src/crop/x.ts:2 imports sdk/src/plan/y.ts, but crop (3) may only import folders with a lower number, and plan has 7.';
  assertBroken({ 'sdk/src/crop/x.ts': "// why\nimport type { Y } from '../plan/y.js';" }, message, 'Move what both need');
  assertBroken({ 'sdk/src/crop/x.ts': "export { y } from '../cost/y.js';" }, 'crop (3)', 'cost has 3');
  assertBroken({ 'sdk/src/train/x.ts': "const y = await import('../plan/y.js');" }, 'plan has 7');
  assertBroken({ 'sdk/src/train/x.ts': "type Y = import('../plan/y.js').Y;" }, 'plan has 7');
  assertBroken({ 'sdk/src/plan/x.ts': "import type { Y } from '../compress.js';" }, 'compress has 8');
  assertBroken({ 'sdk/src/magic/x.ts': '' }, 'sdk/src/magic, which has no number');
});

test('imports in comments and strings are none', () => {
  assert.equal(
    check({
      'sdk/src/crop/x.ts': "// import { y } from '../plan/y.js';\n/** import '../plan/y.js' */\nexport const a = `import '../plan/y.js'`;",
    }),
    [],
  );
});

test('packages meet at their exports, in the directions of the table', () => {
  assertBroken({ 'device-agent/src/cli/x.ts': "import { a } from '../../../sdk/src/ir/shapes.js';" }, 'reaches into sdk', '@precrop/sdk/');
  assertBroken({ 'sdk/src/crop/x.ts': "import { a } from '@precrop/device-agent/host/cpu';" }, 'sdk may import no other package');
  assertBroken({ 'sdk/src/crop/x.ts': "import { a } from '@precrop/sdk/ir/shapes';" }, 'its own package');
  assertBroken({ 'electron-app/src/renderer/x.ts': "import { a } from '@precrop/sdk/train/trainer';" }, 'electron-app may import only');
  assertBroken({ 'electron-app/src/main/x.ts': "import { a } from '@precrop/device-agent/cli/train';" }, 'electron-app may import only');
  assertBroken({ 'device-agent/src/cli/x.ts': "import { a } from '@precrop/test/support/skip';" }, 'device-agent may import only');
  assert.equal(
    check({
      'electron-app/src/renderer/x.ts':
        "import { a } from '@precrop/sdk/ir/shapes';\nimport { b } from '@precrop/device-agent/protocol/job';",
    }),
    [],
  );
});

test('a foreign package has one door', () => {
  assertBroken(
    { 'sdk/src/train/x.ts': "import * as tf from '@tensorflow/tfjs-core';" },
    '@tensorflow/tfjs-core, whose door is sdk/src/backends and sdk/src/runtimes',
  );
  assertBroken({ 'sdk/src/train/x.ts': "import pino from 'pino';" }, 'whose door is device-agent/src.');
  assertBroken({ 'device-agent/src/report/x.ts': "import * as Plot from '@observablehq/plot';" }, 'device-agent/src/report/charts');
  assertBroken({ 'device-agent/src/cli/x.ts': "import { thing } from 'left-pad/lib';" }, 'left-pad, which has no row');
  assertBroken({ 'sdk/src/backends/x.ts': "createRequire(import.meta.url);\nconst m = require('listr2');" }, 'x.ts:2', 'listr2');
  assertBroken({ 'sdk/src/train/x.ts': "const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node');" }, '@tensorflow/tfjs-node');
  assertBroken({ 'sdk/src/train/x.ts': "const path = import.meta.resolve('systeminformation');" }, 'systeminformation');
  assertBroken({ 'bootstrap.mjs': "import { Listr } from 'listr2';" }, 'before anything is installed');
});

test('pure folders know no host', () => {
  assertBroken({ 'sdk/src/export/x.ts': "import { readFile } from 'node:fs/promises';" }, 'must run without Node');
  assertBroken({ 'sdk/src/export/x.ts': "import { readFile } from 'fs';" }, 'must run without Node');
  assertBroken({ 'sdk/src/plan/x.ts': 'export const home = process.env.HOME;' }, 'x.ts:1 uses process');
  assertBroken({ 'sdk/src/plan/x.ts': 'export function f(bytes: Buffer): void {}' }, 'uses Buffer');
  assertBroken({ 'sdk/src/plan/x.ts': "import { train } from '../train/trainer.js';" }, 'plan is pure and train is not');
  assertBroken({ 'electron-app/src/renderer/x.ts': "document.title = 'x';\nprocess.exit();" }, 'x.ts:2 uses process');
  assert.equal(
    check({
      'sdk/src/plan/a.ts': "import type { Trainer } from '../train/trainer.js';\nexport const f = (process: number) => process + 1;",
      'sdk/src/plan/b.ts':
        'export const g = (options: { fetch: number }) => { const { fetch, ...rest } = options; return { fetch, document: rest }; };',
      'sdk/src/data/c.ts': "import { readFile } from 'node:fs/promises';",
    }),
    [],
  );
});

test('cycles are named along their path, type-only ones do not count', () => {
  const a = "import { b } from './b.js';";
  assertBroken(
    { 'sdk/src/ir/a.ts': a, 'sdk/src/ir/b.ts': "import { c } from './c.js';", 'sdk/src/ir/c.ts': "import { a } from './a.js';" },
    'sdk/src/ir/a.ts → sdk/src/ir/b.ts → sdk/src/ir/c.ts → sdk/src/ir/a.ts',
  );
  assert.equal(check({ 'sdk/src/ir/a.ts': a, 'sdk/src/ir/b.ts': "import type { A } from './a.js';" }), []);
});

test('every knot of a graph gives a cycle, and a graph without knots none', () => {
  const graph = (edges: Readonly<Record<string, readonly string[]>>): Map<string, readonly string[]> => new Map(Object.entries(edges));
  assert.equal(findCycles(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] })), []);
  assert.equal(findCycles(graph({ a: ['a'] })), [['a']]);
  assert.equal(findCycles(graph({ a: ['b'], b: ['a'], c: ['d'], d: ['e'], e: ['d'] })), [
    ['a', 'b'],
    ['d', 'e'],
  ]);
});

test('files are small, named after what they hold, and index files are doors', () => {
  assertBroken({ 'sdk/src/core/long.ts': 'export {};\n'.repeat(301) }, '301 lines');
  assert.equal(
    check({ 'sdk/src/core/long.ts': 'export {};\n'.repeat(300), 'sdk/src/export/generated/schema.ts': 'export {};\n'.repeat(900) }),
    [],
  );
  assertBroken({ 'sdk/src/core/utils.ts': '' }, 'says nothing');
  assertBroken({ 'sdk/src/core/widthGroups.ts': '' }, 'kebab-case');
  assertBroken({ 'sdk/src/core/index.ts': '' }, 'only sdk/src/index.ts');
  assert.equal(check({ 'sdk/src/index.ts': "export { compress } from './compress.js';", 'test/sdk/index.test.ts': '' }), []);
});

test('CONTRIBUTING.md shows the table as it is', () => {
  const text = readRepositoryFile('CONTRIBUTING.md');
  const rows = [...text.matchAll(/^\| (\d) \| (.+) \|$/gm)];
  const shown = rows.flatMap(([, number, names = '']) => [...names.matchAll(/`([\w-]+)/g)].map(([, name]) => [name, Number(number)]));
  const { index: _door, ...folders } = table.sdkNumbers;
  assert.equal(Object.fromEntries(shown), folders);
  assert.ok(text.includes(`\`${table.pureSdkFolders.join(' ')}\` are pure`), 'the pure folders stand in one list');
  assert.ok(text.includes(`over ${table.maxLinesPerFile} lines`));
});

test.run();
