import type { Node } from '../../ir/architecture.js';

const always: ReadonlySet<Node['op']> = new Set(['relu', 'relu6']);
const whereInputsAre: ReadonlySet<Node['op']> = new Set([
  'add',
  'concat',
  'split',
  'channel-shuffle',
  'max-pool',
  'avg-pool',
  'global-avg-pool',
]);

/** Whether a node writes no value below 0, given the earlier ids that do not: then zeros around its output never win a max-pool. */
export function isNonNegative({ op, inputs }: Node, known: ReadonlySet<string>): boolean {
  return always.has(op) || (whereInputsAre.has(op) && inputs.every((input) => known.has(input)));
}
