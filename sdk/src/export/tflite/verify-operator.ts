import { slots } from './schema.js';
import { broken, type TableReader } from './table-reader.js';

/** The most lines that a window spans or skips, or that a PAD adds: a CNN stays far below, and what a runtime computes stays bounded. */
const mostLines = 4096;

/** By number in BuiltinOptions, slots that count lines: those that must be there, and those that may (dilations). */
const lineSlots: Readonly<Record<number, readonly [readonly number[], readonly number[]]>> = {
  1: [
    [1, 2],
    [4, 5],
  ], // Conv2DOptions
  2: [
    [1, 2],
    [5, 6],
  ], // DepthwiseConv2DOptions
  5: [[1, 2, 3, 4], []], // Pool2DOptions
};

/** By number in BuiltinOptions, a slot that holds a list: ReshapeOptions, SqueezeOptions. */
const listSlots: Readonly<Record<number, number>> = { 17: 0, 30: 0 };

/** Checks the table of an operator's options. @throws ModelFileError */
export function verifyOptions(operator: TableReader, name: string): void {
  const options = operator.table(slots.operator.options);
  const type = operator.byte(slots.operator.optionsType);
  const [needed, possible] = lineSlots[type] ?? [[], []];
  for (const slot of [...needed, ...possible.filter((one) => options?.has(one))]) {
    const lines = options?.int(slot) ?? 0;
    if (lines < 1 || lines > mostLines) throw broken(`${name} has a window of, or steps of, ${lines} lines`);
  }
  const list = listSlots[type];
  if (list !== undefined) options?.count(list, 4);
}

/** Checks the constant that says how many lines a PAD adds. @throws ModelFileError */
export function verifyPads(operator: TableReader, name: string, constantOf: (tensor: number) => Uint8Array): void {
  const [, tensor = -1] = operator.numbers(slots.operator.inputs, 4);
  const { buffer, byteOffset, byteLength } = constantOf(tensor);
  if (byteLength === 0 || byteLength > 128) throw broken(`${name} does not say how many lines it adds`);
  const amounts = new DataView(buffer, byteOffset, byteLength);
  // Of eight bytes or of four: then every second one is zero.
  for (let at = 0; at + 4 <= byteLength; at += 4) {
    const lines = amounts.getInt32(at, true);
    if (lines < 0 || lines > mostLines) throw broken(`${name} adds ${lines} lines`);
  }
}
