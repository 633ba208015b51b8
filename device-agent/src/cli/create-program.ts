import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addBench } from './commands/bench.js';
import { addCompare } from './commands/compare.js';
import { addCrop } from './commands/crop.js';
import { addDemo } from './commands/demo.js';
import { addDescribe } from './commands/describe.js';
import { addDoctor } from './commands/doctor.js';
import { addExperiment } from './commands/experiment.js';
import { addExport } from './commands/export.js';
import { addImport } from './commands/import.js';
import { addPlan } from './commands/plan.js';
import { addProfile } from './commands/profile.js';
import { addRun } from './commands/run.js';
import { addTrain } from './commands/train.js';
import type { RunAction } from './define-command.js';

const examples = `
Examples:
  $ precrop demo
  $ precrop plan resnet-20 --latency 60% -o plan.json
  $ precrop crop resnet-20 --macs 25% -o crop.json
  $ precrop train --arch resnet-20 --widths crop.json
  $ precrop export resnet-20-4d1f0c29ab --to onnx -o net.onnx
  $ precrop run net.onnx --image photo.jpg

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 budget infeasible, 130 cancelled.
Every command takes --json and --help.`;

/** All commands. Commander ends the process nowhere: it throws, and gives what it would have said to `onError`. */
export function createProgram(run: RunAction, onError: (text: string) => void): Command {
  const program = new Command('precrop')
    .description('Crop a CNN before training it, so that it fits this device: small, dense and fast to train and to run.')
    .usage('<command> [options]')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help, also after a command')
    .helpCommand(false)
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({ writeErr: onError })
    .configureHelp({
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map((each) => `<${each.name()}>`)].join(' '),
    });
  for (const add of [
    addDemo,
    addDescribe,
    addProfile,
    addPlan,
    addCrop,
    addTrain,
    addExport,
    addRun,
    addImport,
    addBench,
    addCompare,
    addExperiment,
    addDoctor,
  ])
    add(program, run);
  describeAll(program);
  return program;
}

/** A command's summary in a list is a sentence in its own help. */
function describeAll(program: Command): void {
  for (const command of program.commands) {
    const summary = command.summary();
    command.description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
    describeAll(command);
  }
}

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
