/** `npm run evidence`: writes what is made of the trainings under profiles/evidence: tables in the READMEs, and each summary.json. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toEvidenceFiles } from './evidence.js';
import { repositoryRoot } from './read-tree.js';

for (const { path, text } of await toEvidenceFiles()) {
  const file = join(repositoryRoot, path);
  const isStale = !existsSync(file) || readFileSync(file, 'utf8') !== text;
  if (isStale) writeFileSync(file, text);
  process.stdout.write(`${path}: ${isStale ? 'written' : 'up to date'}\n`);
}
