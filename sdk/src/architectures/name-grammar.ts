import { UsageError } from '../core/errors.js';
import { findClosest } from './closest-text.js';
import type { ArchitectureName, Dataset, Family, Modifier } from './family.js';

const modifierPattern = /^([xgw])(\d+(?:\.\d+)?)$/;
const datasetNames: Readonly<Record<Dataset, string>> = { cifar: 'CIFAR-10', imagenet: 'ImageNet' };

/** `resnet-{20|32|44|56|110}[-wK][-cifar|-imagenet]`. */
export function printGrammar({ family, sizes, modifiers }: Omit<Family, 'build'>): string {
  const choice = sizes.length > 1 ? `{${sizes.join('|')}}` : (sizes[0] ?? '');
  const options = modifiers.map(({ letter }) => `[-${letter}${letter === 'x' ? 'M' : 'K'}]`).join('');
  return `${family}-${choice}${options}[-cifar|-imagenet]`;
}

/**
 * A name, taken apart: family, size, then options in any order.
 * @throws UsageError that says what exists and which name is closest.
 */
export function parseName(text: string, families: readonly Family[]): ArchitectureName {
  const { base, modifiers, dataset } = tokenise(text);
  const family = families.find(({ family, sizes }) => sizes.some((size) => base === `${family}-${size}`));
  if (!family) throw new UsageError(`Unknown architecture "${text}". ${describeChoice(base, families)}${suggest(text, families)}`);
  const values = new Map<string, number>();
  for (const token of modifiers) {
    const letter = token.charAt(0);
    const modifier = family.modifiers.find((modifier) => modifier.letter === letter);
    if (!modifier)
      throw new UsageError(`Unknown architecture "${text}": ${base} takes no -${token}. Its names read ${printGrammar(family)}.`);
    if (values.has(letter))
      throw new UsageError(`Unknown architecture "${text}": -${letter} is there twice. Its names read ${printGrammar(family)}.`);
    values.set(letter, readValue(text, token, base, modifier));
  }
  return nameOf(family, base.slice(family.family.length + 1), dataset ?? family.dataset, values);
}

function tokenise(text: string): { readonly base: string; readonly modifiers: readonly string[]; readonly dataset: Dataset | undefined } {
  const tokens = text.split('-');
  const last = tokens.at(-1);
  const dataset = last === 'cifar' || last === 'imagenet' ? last : undefined;
  if (dataset) tokens.pop();
  const modifiers: string[] = [];
  while (modifierPattern.test(tokens.at(-1) ?? '')) modifiers.unshift(tokens.pop() as string);
  return { base: tokens.join('-'), modifiers, dataset };
}

function readValue(text: string, token: string, base: string, { letter, meaning, allowed }: Modifier): number {
  const value = Number(token.slice(1));
  if (allowed && !allowed.includes(value)) {
    const closest = allowed.reduce((best, other) => (Math.abs(other - value) < Math.abs(best - value) ? other : best));
    const near = text.replace(`-${token}`, `-${letter}${printValue(letter, closest)}`);
    const choice = allowed.map((value) => `-${letter}${printValue(letter, value)}`).join(', ');
    throw new UsageError(`Unknown architecture "${text}": ${base} comes with ${choice} (${meaning}). Did you mean ${near}?`);
  }
  if (value <= 0 || (letter !== 'x' && !Number.isSafeInteger(value))) {
    const rule = letter === 'x' ? 'a number above 0' : 'a whole number of at least 1';
    throw new UsageError(`Unknown architecture "${text}": -${token} (${meaning}) must be ${rule}.`);
  }
  return value;
}

function nameOf(family: Family, size: string, dataset: Dataset, values: ReadonlyMap<string, number>): ArchitectureName {
  const pick = (letter: Modifier['letter'], none: number): number =>
    values.get(letter) ?? family.modifiers.find((modifier) => modifier.letter === letter)?.initial ?? none;
  const options = family.modifiers
    .filter(({ letter, initial, shown }) => shown || pick(letter, initial) !== initial)
    .map(({ letter, initial }) => `-${letter}${printValue(letter, pick(letter, initial))}`);
  const suffix = dataset === family.dataset ? '' : `-${dataset}`;
  return {
    name: `${family.family}-${size}${options.join('')}${suffix}`,
    family: family.family,
    size,
    dataset,
    multiplier: pick('x', 1),
    groups: pick('g', 1),
    baseWidth: pick('w', 0),
  };
}

function printValue(letter: Modifier['letter'], value: number): string {
  return letter === 'x' && Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function describeChoice(base: string, families: readonly Family[]): string {
  const names = new Set(families.map(({ family }) => family));
  const name = base.split('-')[0] ?? '';
  if (!names.has(name)) return `Known families: ${[...names].join(', ')}.`;
  const choices = families
    .filter(({ family }) => family === name)
    .map(({ sizes, dataset }) => `${sizes.join(', ')} (${datasetNames[dataset]})`);
  return `${name} comes as ${choices.join(' and ')}.`;
}

function suggest(text: string, families: readonly Family[]): string {
  const lower = text.toLowerCase();
  const { base } = tokenise(lower);
  const known = families.flatMap(({ family, sizes }) => sizes.map((size) => `${family}-${size}`));
  const closest = findClosest(base, known);
  if (closest === undefined) return '';
  const whole = `${closest}${lower.slice(base.length)}`;
  try {
    return ` Did you mean ${parseName(whole, families).name}?`;
  } catch {
    return ` Did you mean ${closest}?`;
  }
}
