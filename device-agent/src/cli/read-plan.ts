import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { parseWidthsFile } from '@precrop/sdk/crop/parse-widths';
import type { Architecture } from '@precrop/sdk/ir/architecture';
import { withWidths } from '@precrop/sdk/ir/widths';
import { parsePlanFile } from '../protocol/plan-file.js';
import { readJson } from './read-widths.js';

/** The network of a plan's file. @throws UsageError for what is no plan, or one that is damaged. */
export async function readPlannedNetwork(path: string): Promise<Architecture> {
  const plan = parsePlanFile(await readJson(path), path);
  const original = createArchitecture(plan.architecture);
  return withWidths(original, parseWidthsFile(plan, original));
}
