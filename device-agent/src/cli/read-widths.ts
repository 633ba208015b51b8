import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { UsageError } from '@precrop/sdk/core/errors';
import { hashOf } from '@precrop/sdk/core/hash';
import { parseWidths, parseWidthsFile } from '@precrop/sdk/crop/parse-widths';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { withWidths } from '@precrop/sdk/ir/widths';

export const widthsHelp = '"original", a multiplier such as 0.5, a list such as stage1=8,stage2.*=16, or a plan or crop file';

/**
 * The architecture at the widths that a person wrote, or that a plan or crop file holds.
 * @throws UsageError for anything that gives no widths of this architecture.
 */
export async function readWidths(text: string, architecture: Architecture, align: number | undefined): Promise<Architecture> {
  const widths = isFile(text) ? parseWidthsFile(await readJson(text), architecture) : parseWidths(text, architecture, { align });
  return withWidths(architecture, widths);
}

/** The hash of the plan or crop file that the widths stand in; undefined where they are written out. */
export async function readPlanHash(text: string): Promise<string | undefined> {
  return isFile(text) ? hashOf(await readJson(text)) : undefined;
}

function isFile(text: string): boolean {
  return text.endsWith('.json') || existsSync(text);
}

/** @throws UsageError where there is no file, or no JSON in it. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : `it holds no JSON (${(error as Error).message})`;
    throw new UsageError(`The widths cannot be read from ${path}: ${why}.`, { cause: error });
  }
}
