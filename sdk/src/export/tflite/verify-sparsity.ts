import { slots } from './schema.js';
import { broken, type TableReader } from './table-reader.js';

/** Bytes of an element by number of its SparseIndexVector: Int32Vector, Uint16Vector, Uint8Vector. */
const indexBytes: Readonly<Record<number, 1 | 2 | 4>> = { 1: 4, 2: 2, 3: 1 };

/**
 * Checks that a tensor of this shape, with so many elements stored, can be unpacked: native code writes where the indices say.
 * @throws ModelFileError
 */
export function verifySparsity(sparsity: TableReader, name: string, shape: readonly number[], stored: number): void {
  if (sparsity.count(slots.sparsity.blockMap, 4) > 0) throw broken(`${name} is sparse in blocks, which PreCrop does not know`);
  const orders = sparsity.count(slots.sparsity.traversalOrder, 4);
  const dimensions = sparsity.count(slots.sparsity.dimensions, 4);
  if (orders !== shape.length || dimensions !== shape.length) {
    throw broken(`${name} is sparse and has ${shape.length} axes, but an order of ${orders} and ${dimensions} descriptions of them`);
  }
  const order = [...sparsity.numbers(slots.sparsity.traversalOrder, 4)];
  if ([...order].sort((a, b) => a - b).some((axis, index) => axis !== index))
    throw broken(`${name} is sparse in the order ${order.join(', ')}`);

  let places = 1; // that the axes so far have a value for
  for (const [level, dimension] of [...sparsity.tables(slots.sparsity.dimensions)].entries()) {
    const extent = shape[order[level] ?? 0] ?? 0;
    places =
      dimension.byte(slots.dimension.format) === 0 ? places * verifyDense(dimension, extent) : verifyCompressed(dimension, extent, places);
  }
  if (places !== stored) throw broken(`${name} is sparse with ${places} values, but ${stored} are stored`);

  function verifyDense(dimension: TableReader, extent: number): number {
    const size = dimension.int(slots.dimension.denseSize);
    if (size !== extent) throw broken(`${name} is sparse and has an axis of ${extent} that is described as ${size}`);
    return size;
  }

  /** Rows end where the segments say; within one the indices ascend. */
  function verifyCompressed(dimension: TableReader, extent: number, rows: number): number {
    const indices = numbersOf(dimension, slots.dimension.indicesType, slots.dimension.indices);
    let [row, taken] = [-1, 0];
    for (const end of numbersOf(dimension, slots.dimension.segmentsType, slots.dimension.segments)) {
      if (end < taken || (row === -1 && end !== 0)) throw broken(`${name} is sparse with rows that end before they begin`);
      for (let last = -1; taken < end; taken++) {
        const { value: index = -1 } = indices.next();
        if (index <= last || index >= extent)
          throw broken(`${name} is sparse with index ${index} after ${last} along an axis of ${extent}`);
        last = index;
      }
      row++;
    }
    if (row !== rows || !indices.next().done)
      throw broken(`${name} is sparse with ${row} rows of ${taken} values, not ${rows} of as many as it has`);
    return taken;
  }

  function numbersOf(dimension: TableReader, typeSlot: number, slot: number): Generator<number, undefined> {
    const bytes = indexBytes[dimension.byte(typeSlot)];
    const list = dimension.table(slot);
    if (!bytes || !list) throw broken(`${name} is sparse without its indices`);
    return list.numbers(0, bytes);
  }
}
