import { type Command, Option } from 'commander';
import type { Action } from './command-line.js';
import type { OutputFlags } from './report-failure.js';

/** Runs an action as the command of that name. */
export type RunAction = (command: string, flags: OutputFlags & { readonly seed?: number }, action: Action) => Promise<void>;

/** An option with its heading in the help. */
export function option<T>(group: string, flags: string, description: string, parse?: (text: string) => T, initial?: T): Option {
  const made = new Option(flags, description).helpGroup(group);
  if (parse) made.argParser(parse);
  return initial === undefined ? made : made.default(initial, String(initial));
}

const output = 'Output:';

/** Options of every command. */
export function addOutputOptions(command: Command): Command {
  return command
    .addOption(option(output, '--json', 'print one JSON document on stdout, and nothing else there'))
    .addOption(option(output, '--verbose', 'tell of a failure all that is known'))
    .addHelpOption(option(output, '-h, --help', 'show this help'));
}

/** The flags of a command that was parsed. */
export function flagsOf(command: Command): OutputFlags & { readonly seed?: number } {
  const { json = false, verbose = false, seed } = command.opts<Partial<OutputFlags> & { seed?: number }>();
  return { json, verbose, ...(seed === undefined ? {} : { seed }) };
}
