/** The test runner: `node test/dist/run.js [part of a path …]`. CONTRIBUTING.md says how to use it. */
import { dirname } from 'node:path';
import { runTests } from './support/run-all.js';

const filters = process.argv.slice(2);
const option = filters.find((filter) => filter.startsWith('-'));
if (option !== undefined) {
  process.stderr.write(`Unknown option "${option}": the runner takes parts of paths alone, such as \`npm test -- sdk/data\`.\n`);
  process.exit(2);
}

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
process.once('SIGTERM', () => interrupt.abort());

const code = await runTests({
  sourceDir: dirname(import.meta.dirname),
  distDir: import.meta.dirname,
  filters,
  write: (text) => process.stdout.write(text),
  signal: interrupt.signal,
});
process.exitCode = interrupt.signal.aborted ? 130 : code;
