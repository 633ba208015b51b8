import { findClosest } from '@precrop/sdk/architectures/closest-text';
import { UsageError } from '@precrop/sdk/core/errors';
import { parseFraction } from '@precrop/sdk/core/units';

/** Turns an option's text into its value. @throws UsageError with the option, what came and what is allowed. */
type ParseOption<T> = (text: string) => T;

export function parseWhole(option: string, least = 1): ParseOption<number> {
  return (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`${option} is "${text}", but must be a whole number of at least ${least}.`);
  };
}

/** `1,8,128`, each once. */
export function parseWholes(option: string, least = 1): ParseOption<readonly number[]> {
  const parse = parseWhole(option, least);
  return (text) => [...new Set(text.split(',').map(parse))];
}

interface Range {
  readonly above?: number;
  readonly atLeast?: number;
  readonly below?: number;
}

export function parseReal(
  option: string,
  { above = Number.NEGATIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY, below }: Range,
): ParseOption<number> {
  const most = below ?? Number.POSITIVE_INFINITY;
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value > above && value >= atLeast && value < most) return value;
    const lower = above > atLeast ? `above ${above}` : `at least ${atLeast}`;
    throw new UsageError(`${option} is "${text}", but must be a number ${lower}${below === undefined ? '' : ` and below ${below}`}.`);
  };
}

export function parseChoice<T extends string>(option: string, choices: readonly T[]): ParseOption<T> {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    const closest = findClosest(text, choices);
    const hint = closest === undefined ? '' : ` Did you mean ${closest}?`;
    throw new UsageError(`${option} is "${text}", but must be one of: ${choices.join(', ')}.${hint}`);
  };
}

/** `synflow,erk`, each once. */
export function parseChoices<T extends string>(option: string, choices: readonly T[]): ParseOption<readonly T[]> {
  const parse = parseChoice(option, choices);
  return (text) => [...new Set(text.split(',').map((part) => parse(part.trim())))];
}

/** `0.2` or `10%`: above 0 and at most 1. */
export function parseShare(option: string): ParseOption<number> {
  return (text) => parseFraction(text, option);
}

/** `0.2,10%`, each once: above 0 and at most 1. */
export function parseFractions(option: string): ParseOption<readonly number[]> {
  return (text) => [...new Set(text.split(',').map((part) => parseFraction(part, option)))];
}
