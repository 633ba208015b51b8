/** The precrop command. It never throws: what goes wrong becomes a sentence and an exit code. */
import { runCommandLine } from './run-command-line.js';

await runCommandLine(process.argv.slice(2));
