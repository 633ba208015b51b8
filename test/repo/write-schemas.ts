/** `npm run schema`: writes profiles/schema, which is made of the zod schemas in the code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from './read-tree.js';
import { toSchemaFiles } from './schemas.js';

for (const { path, text } of toSchemaFiles()) {
  const file = join(repositoryRoot, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stdout.write(`${path}: written\n`);
}
