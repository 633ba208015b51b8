// Compiles src/sparse/assembly into src/sparse/generated/engine-wasm.ts. With --check it only compares, and fails where the file is not of these sources.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = dirname(fileURLToPath(import.meta.url));
const target = join(root, 'src/sparse/generated/engine-wasm.ts');
const options =
  '-O3 --noAssert --runtime stub --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --enable simd --enable threads';

let wasm;
const { error, stderr } = await asc.main(
  ['src/sparse/assembly/engine.ts', '--baseDir', root, '--outFile', 'engine.wasm', '--use', 'abort=', ...options.split(' ')],
  { writeFile: (_name, contents) => (wasm = contents) },
);
if (error || !wasm) {
  process.stderr.write(`${stderr}${error?.message ?? 'nothing was compiled'}\n`);
  process.exit(1);
}
const lines = Buffer.from(wasm)
  .toString('base64')
  .match(/.{1,120}/g);
const text = `// Made by \`npm run build:wasm -w sdk\` of ../assembly.\nexport const engineWasm: string =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write(
    'src/sparse/generated/engine-wasm.ts is not what src/sparse/assembly compiles to. Run `npm run build:wasm -w sdk`.\n',
  );
  process.exit(1);
}
