/** Writes the architectures that make-golden.py reads: `node test/dist/golden/networks/write-architectures.js`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goldenNetworks, toArchitecture } from './networks.js';

const directory = join(import.meta.dirname, '../../../golden/networks'); // seen from test/dist/golden/networks
for (const network of goldenNetworks) {
  const { nodes, ...rest } = toArchitecture(network);
  const lines = nodes.map((node) => `    ${JSON.stringify(node)}`).join(',\n');
  const head = Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  writeFileSync(join(directory, `${network.file}.architecture.json`), `{\n${head.join('')}  "nodes": [\n${lines}\n  ]\n}\n`);
}
