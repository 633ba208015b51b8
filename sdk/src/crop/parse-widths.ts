import { z } from 'zod';
import { UsageError } from '../core/errors.js';
import type { Architecture } from '../ir/architecture.js';
import { findWidthGroups, type WidthGroup } from '../ir/width-groups.js';
import type { Widths } from '../ir/widths.js';
import { nearestWidth, widthRangeOf } from './alignment.js';

export interface ParseWidthsOptions {
  /** A multiplier's widths become multiples of this; default 8. Widths that are written out are taken as they are. */
  readonly align?: number | undefined;
}

/**
 * Widths as a person writes them: `original`; a multiplier such as `0.5`, which gives each group the nearest multiple, one at least;
 * or a list such as `stage1=8,stage2.*=16`, where `*` stands for any letters, later entries win, and groups that are not named keep theirs.
 * @throws UsageError for anything else, an unknown group, or a width that the group cannot have.
 */
export function parseWidths(text: string, architecture: Architecture, options: ParseWidthsOptions = {}): Widths {
  const { groups } = findWidthGroups(architecture);
  const trimmed = text.trim();
  if (trimmed === 'original') return new Map(groups.map(({ name, width }) => [name, width]));
  if (trimmed.includes('=')) return parseList(trimmed, architecture.name, groups);
  const multiplier = trimmed === '' ? Number.NaN : Number(trimmed);
  if (multiplier > 0 && multiplier <= 1) {
    return new Map(groups.map((group) => [group.name, nearestWidth(group.width * multiplier, widthRangeOf(group, options.align ?? 8))]));
  }
  if (Number.isNaN(multiplier)) {
    const example = groups[0] ? `${groups[0].name}=${groups[0].width}` : 'group=8';
    throw new UsageError(`Widths are "${text}", but must be "original", a multiplier such as 0.5, or a list such as ${example}.`);
  }
  throw new UsageError(`The width multiplier is ${trimmed}, but must be above 0 and at most 1. Write 0.5 for half of every width.`);
}

const file = z.object({ architecture: z.unknown().optional(), widths: z.record(z.string(), z.number()) });

/**
 * Widths from the JSON of a plan or crop file: `{ "widths": { "stage1": 8, … } }`, with the architecture's name if it has one.
 * @throws UsageError when it has no widths, is of another architecture, or a width does not fit.
 */
export function parseWidthsFile(json: unknown, architecture: Architecture): Widths {
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    throw new UsageError('The file holds no widths. A plan or crop file has them as { "widths": { "group": channels } }.');
  }
  const owner = parsed.data.architecture;
  if (typeof owner === 'string' && owner !== architecture.name) {
    throw new UsageError(`The file holds widths of ${owner}, not of ${architecture.name}. Name that architecture, or another file.`);
  }
  const groups = new Map(findWidthGroups(architecture).groups.map((group) => [group.name, group]));
  const widths = new Map([...groups].map(([name, { width }]) => [name, width]));
  for (const [name, width] of Object.entries(parsed.data.widths)) {
    const group = groups.get(name);
    if (!group) throw createUnknownGroup(name, architecture.name, [...groups.keys()]);
    widths.set(name, checkWidth(group, width));
  }
  return widths;
}

function parseList(text: string, architecture: string, groups: readonly WidthGroup[]): Widths {
  const widths = new Map(groups.map(({ name, width }) => [name, width]));
  for (const entry of text.split(',')) {
    const [pattern = '', value = '', ...rest] = entry.split('=').map((part) => part.trim());
    if (pattern === '' || !/^\d+$/.test(value) || rest.length > 0) {
      throw new UsageError(
        `"${entry.trim()}" is no width. Write group=channels, such as ${groups[0]?.name ?? 'stage1'}=8, with commas between.`,
      );
    }
    const matches = groups.filter(({ name }) => matchesPattern(name, pattern));
    if (matches.length === 0)
      throw createUnknownGroup(
        pattern,
        architecture,
        groups.map(({ name }) => name),
      );
    for (const group of matches) widths.set(group.name, checkWidth(group, Number(value)));
  }
  return widths;
}

function matchesPattern(name: string, pattern: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(name);
}

function checkWidth({ name, multipleOf }: WidthGroup, width: number): number {
  if (Number.isInteger(width) && width >= 1 && width % multipleOf === 0) return width;
  const rule = multipleOf > 1 ? `a multiple of ${multipleOf}` : 'a whole number of at least 1';
  throw new UsageError(`Width ${width} of group "${name}" is not possible: it must be ${rule}.`);
}

function createUnknownGroup(name: string, architecture: string, names: readonly string[]): UsageError {
  return new UsageError(`${architecture} has no width group "${name}". Its groups are: ${names.join(', ')}.`);
}
