import type { PrimitiveKind } from '../ir/lowering.js';
import type { Primitive, PrimitiveTable } from './primitive.js';
import { arrangement } from './primitives/arrangement.js';
import { convolution } from './primitives/convolution.js';
import { elementwise } from './primitives/elementwise.js';
import { linear } from './primitives/linear.js';
import { normalisation } from './primitives/normalisation.js';
import { pooling } from './primitives/pooling.js';
import { reduction } from './primitives/reduction.js';
import { update } from './primitives/update.js';

const table: PrimitiveTable<PrimitiveKind> = {
  ...convolution,
  ...normalisation,
  ...elementwise,
  ...reduction,
  ...arrangement,
  ...pooling,
  ...linear,
  ...update,
};

/** Names of all primitives. */
export const primitiveKinds: readonly PrimitiveKind[] = Object.keys(table) as PrimitiveKind[];

/** What the primitive answers about shapes, gradient and memory. */
export function primitiveOf<K extends PrimitiveKind>(kind: K): Primitive<K> {
  return table[kind] as Primitive<K>;
}
