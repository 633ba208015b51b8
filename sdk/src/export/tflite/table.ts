import { Builder, type Offset } from 'flatbuffers';

/** What a slot of a table holds. Numbers are written even where they are the schema's default. */
export type Value =
  | string
  | { readonly byte: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly aligned: Uint8Array | Uint16Array } // a vector that begins at a multiple of 4, as (force_align: 4) asks
  | { readonly data: Uint8Array } // a vector of bytes that begins at a multiple of 16, as (force_align: 16) asks
  | { readonly table: Table }
  | { readonly tables: readonly Table[] };

/** A FlatBuffers table as data: the value of each slot in the schema's order, undefined for its default. */
export type Table = readonly (Value | undefined)[];

/** The bytes of a FlatBuffer with this root and these four letters. `size` is a guess of its length in bytes. */
export function encodeTable(root: Table, identifier: string, size: number): Uint8Array {
  const builder = new Builder(size);
  builder.finish(writeTable(builder, root), identifier);
  return builder.asUint8Array();
}

function writeTable(builder: Builder, table: Table): Offset {
  // What a table points to is written before it.
  const offsets = table.map((value) => (value === undefined || isNumber(value) ? undefined : writeChild(builder, value)));
  builder.startObject(table.length);
  for (const [slot, value] of table.entries()) {
    if (value === undefined) continue;
    if (!isNumber(value)) builder.addOffset(offsets[slot] ?? 0);
    else if ('byte' in value) builder.addInt8(value.byte);
    else builder.addInt32(value.int);
    builder.slot(slot);
  }
  return builder.endObject();
}

function isNumber(value: Value): value is { readonly byte: number } | { readonly int: number } {
  return typeof value === 'object' && ('byte' in value || 'int' in value);
}

function writeChild(builder: Builder, value: Exclude<Value, { readonly byte: number } | { readonly int: number }>): Offset {
  if (typeof value === 'string') return builder.createString(value);
  if ('table' in value) return writeTable(builder, value.table);
  if ('tables' in value) {
    const offsets = value.tables.map((table) => writeTable(builder, table));
    return writeVector(builder, 4, offsets, (offset) => builder.addOffset(offset));
  }
  if ('ints' in value) return writeVector(builder, 4, value.ints, (int) => builder.addInt32(int));
  if ('data' in value) {
    builder.prep(16, value.data.length);
    return builder.createByteVector(value.data);
  }
  builder.prep(4, value.aligned.byteLength);
  if (value.aligned instanceof Uint8Array) return builder.createByteVector(value.aligned);
  return writeVector(builder, 2, value.aligned, (short) => builder.addInt16(short));
}

function writeVector(builder: Builder, elementBytes: number, values: ArrayLike<number>, add: (value: number) => void): Offset {
  builder.startVector(elementBytes, values.length, elementBytes);
  // A FlatBuffer is written from its end.
  for (let index = values.length - 1; index >= 0; index--) add(values[index] ?? 0);
  return builder.endVector();
}
