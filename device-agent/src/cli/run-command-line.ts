import { UsageError } from '@precrop/sdk/core/errors';
import { type Command, CommanderError } from 'commander';
import { createProgram } from './create-program.js';
import { reportFailure } from './report-failure.js';
import { runAction } from './run-action.js';

/** Parses the arguments, runs the command that they name, and sets the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  let said = '';
  const program = createProgram(runAction, (text) => {
    said += text;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    if (isHelp) return;
    const command = findCommand(program, args);
    // `precrop` and `precrop bench` alone: the help is the best answer.
    if (error instanceof CommanderError && error.code === 'commander.help') process.stderr.write(said);
    reportFailure(nameOf(command), toFlags(args), error instanceof CommanderError ? toUsageError(error, command) : error);
  }
}

/** "bench train-step". */
function nameOf(command: Command): string {
  const parent = command.parent?.parent ? `${command.parent.name()} ` : '';
  return `${parent}${command.name()}`;
}

function findCommand(program: Command, args: readonly string[]): Command {
  let command = program;
  for (const arg of args) {
    const next = command.commands.find((candidate) => candidate.name() === arg);
    if (!next) break;
    command = next;
  }
  return command;
}

function toFlags(args: readonly string[]): { readonly json: boolean; readonly verbose: boolean } {
  return { json: args.includes('--json'), verbose: args.includes('--verbose') };
}

/** What commander says, as a sentence that tells where to look. */
function toUsageError({ code, message }: CommanderError, command: Command): UsageError {
  const path = nameOf(command) === 'precrop' ? 'precrop' : `precrop ${nameOf(command)}`;
  if (code === 'commander.help') return new UsageError(`Name a command: ${command.commands.map((each) => each.name()).join(', ')}.`);
  const [first = '', hint = ''] = message
    .replace(/^error: /, '')
    .replaceAll("'", '"')
    .split('\n');
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`;
  const suggestion = hint === '' ? '' : ` ${hint.replace(/^\(|\)$/g, '')}`;
  return new UsageError(`${sentence}${suggestion} See ${path} --help.`);
}

/** `precrop describe resnet-20 | head` closes the pipe, and a closed terminal is gone: nobody reads on, and that is no failure. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}
