import { ModelFileError } from '../../core/errors.js';

/** Tables may name one another many times over: reading may cost so many times the file's length, and a little more for tiny files. */
const workPerByte = 2;
const leastWork = 2 ** 16;

/**
 * A table of a FlatBuffer of which nothing is believed: every step is checked to stay within the file, lists are walked and not copied, and
 * the work is bounded by the file's length. The layout is that of "FlatBuffer Internals" in the documentation of FlatBuffers.
 * Every method throws a ModelFileError for what leaves the file.
 */
export class TableReader {
  readonly #file: FileView;
  readonly #at: number;
  readonly #slots: number;
  readonly #slotsBytes: number;
  readonly #length: number;

  constructor(file: FileView, at: number) {
    const { view } = file;
    this.#file = file;
    this.#at = at;
    this.#slots = at - view.getInt32(file.check(at, 4, 4, 'a table'), true);
    this.#slotsBytes = view.getUint16(file.check(this.#slots, 4, 2, 'a list of slots'), true);
    this.#length = view.getUint16(this.#slots + 2, true);
    file.check(this.#slots, this.#slotsBytes, 2, 'a list of slots');
    file.check(at, this.#length, 4, 'a table');
    file.spend(16 + this.#slotsBytes + this.#length);
    if (this.#slotsBytes < 4 || this.#slotsBytes % 2 !== 0)
      throw broken(`the table at ${at} has a list of slots of ${this.#slotsBytes} bytes`);
    // Also those that nothing here reads: native code might.
    for (let slot = 0; slot < (this.#slotsBytes - 4) / 2; slot++) this.#find(slot, 1);
  }

  has(slot: number): boolean {
    return this.#find(slot, 1) !== undefined;
  }

  byte(slot: number): number {
    const at = this.#find(slot, 1);
    return at === undefined ? 0 : this.#file.view.getUint8(at);
  }

  int(slot: number): number {
    const at = this.#find(slot, 4);
    return at === undefined ? 0 : this.#file.view.getInt32(at, true);
  }

  uint(slot: number): number {
    return this.int(slot) >>> 0;
  }

  table(slot: number): TableReader | undefined {
    const at = this.#find(slot, 4);
    return at === undefined ? undefined : new TableReader(this.#file, this.#file.follow(at));
  }

  *tables(slot: number): Generator<TableReader> {
    const [start, count] = this.span(slot, 4);
    for (let index = 0; index < count; index++) yield new TableReader(this.#file, this.#file.follow(start + 4 * index));
  }

  /** Elements of a list; each takes 1, 2, 4 or 8 bytes. */
  count(slot: number, elementBytes: 1 | 2 | 4 | 8): number {
    return this.span(slot, elementBytes)[1];
  }

  /** Where the elements of a list begin in the file, and how many there are. */
  span(slot: number, elementBytes: 1 | 2 | 4 | 8): readonly [number, number] {
    const at = this.#find(slot, 4);
    if (at === undefined) return [0, 0];
    const list = this.#file.follow(at);
    const count = this.#file.view.getUint32(this.#file.check(list, 4, 4, 'a list'), true);
    return [this.#file.check(list + 4, count * elementBytes, Math.min(elementBytes, 4), 'a list'), count];
  }

  /** The integers of a list, those of four bytes with a sign. */
  *numbers(slot: number, elementBytes: 1 | 2 | 4): Generator<number, undefined> {
    const [start, count] = this.span(slot, elementBytes);
    const { view } = this.#file;
    this.#file.spend(elementBytes * count);
    for (let at = start; at < start + elementBytes * count; at += elementBytes) {
      if (elementBytes === 4) yield view.getInt32(at, true);
      else yield elementBytes === 2 ? view.getUint16(at, true) : view.getUint8(at);
    }
    return undefined;
  }

  bytes(slot: number): Uint8Array {
    const [start, count] = this.span(slot, 1);
    return this.#file.bytes.subarray(start, start + count);
  }

  text(slot: number): string {
    if (!this.has(slot)) return '';
    const [start, count] = this.span(slot, 1);
    const end = this.#file.check(start + count, 1, 1, 'the end of a text');
    if (this.#file.view.getUint8(end) !== 0) throw broken(`the text at ${start} does not end in a zero`); // native code reads on until one
    this.#file.spend(count);
    return new TextDecoder().decode(this.#file.bytes.subarray(start, end));
  }

  /** Where the value of a slot of so many bytes is, or undefined where the slot is empty. */
  #find(slot: number, size: number): number | undefined {
    const entry = 4 + 2 * slot;
    const offset = entry < this.#slotsBytes ? this.#file.view.getUint16(this.#slots + entry, true) : 0;
    if (offset === 0) return undefined;
    if (offset < 4 || offset + size > this.#length)
      throw broken(`slot ${slot} of the table at ${this.#at} leaves its ${this.#length} bytes`);
    return this.#file.check(this.#at + offset, size, size, 'a slot');
  }
}

interface FileView {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The place, if so many bytes from there lie in the file and it is a multiple of the alignment. */
  check(at: number, size: number, alignment: number, what: string): number;
  /** The place that an offset leads to. */
  follow(at: number): number;
  spend(work: number): void;
}

/** The root of a FlatBuffer. @throws ModelFileError */
export function readRoot(bytes: Uint8Array): TableReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let work = leastWork + workPerByte * bytes.length;
  const file: FileView = {
    bytes,
    view,
    check(at, size, alignment, what) {
      if (at < 0 || at + size > bytes.length) throw broken(`${what} of ${size} bytes at ${at} leaves its ${bytes.length} bytes`);
      if (at % alignment !== 0) throw broken(`${what} at ${at} does not begin at a multiple of ${alignment}`);
      return at;
    },
    follow: (at) => at + view.getUint32(file.check(at, 4, 4, 'an offset'), true),
    spend(amount) {
      work -= amount;
      if (work < 0) throw broken('its tables name one another more often than its length allows');
    },
  };
  return new TableReader(file, file.follow(0));
}

export function broken(reason: string): ModelFileError {
  return new ModelFileError(`The tflite file is broken: ${reason}. Export or copy it again.`);
}
