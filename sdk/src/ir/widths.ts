import { ArchitectureError } from '../core/errors.js';
import type { Architecture } from './architecture.js';
import { specOf } from './ops.js';
import { findWidthGroups } from './width-groups.js';

/** Width group → channels. */
export type Widths = ReadonlyMap<string, number>;

/** The widths as the architecture has them. */
export function readWidths(architecture: Architecture): Widths {
  return new Map(findWidthGroups(architecture).groups.map(({ name, width }) => [name, width]));
}

/**
 * The architecture with other widths. Groups that are not named keep theirs.
 * @throws ArchitectureError for an unknown group, a width below one, or one that breaks the group's multiple.
 */
export function withWidths(architecture: Architecture, widths: Widths): Architecture {
  checkWidths(architecture, widths);
  const { axes } = findWidthGroups(architecture);
  const nodes = architecture.nodes.map((node) => {
    const spec = specOf(node);
    if (!spec.withWidth) return node;
    const axis = axes.get(node.id) ?? [];
    const channels = axis.reduce((sum, { group, channels }) => sum + (group === undefined ? channels : (widths.get(group) ?? channels)), 0);
    return spec.withWidth(node, channels);
  });
  return { ...architecture, nodes };
}

/** @throws ArchitectureError as `withWidths` does. */
export function checkWidths(architecture: Architecture, widths: Widths): void {
  const groups = new Map(findWidthGroups(architecture).groups.map((group) => [group.name, group]));
  for (const [name, width] of widths) {
    const group = groups.get(name);
    if (!group) {
      throw new ArchitectureError(`${architecture.name} has no width group "${name}". Its groups are: ${[...groups.keys()].join(', ')}.`);
    }
    if (!Number.isInteger(width) || width < 1 || width % group.multipleOf !== 0) {
      const rule = group.multipleOf > 1 ? `a multiple of ${group.multipleOf}` : 'a whole number of at least 1';
      throw new ArchitectureError(`Width ${width} of group "${name}" of ${architecture.name} is not possible: it must be ${rule}.`);
    }
  }
}
