import protobuf from 'protobufjs';
import { ModelFileError } from '../../core/errors.js';

/**
 * A message of two bytes becomes an object of a hundred once it is read: a file of nothing else would take fifty times its size. The largest
 * registered network has some thousand parts.
 */
const mostParts = 200_000;

/**
 * Counts the messages, fields and listed integers of a file without reading them.
 * @throws ModelFileError for more than any network has; RangeError where a length leads beyond its message.
 */
export function checkParts(bytes: Uint8Array, type: protobuf.Type): void {
  const reader = protobuf.Reader.create(bytes);
  let parts = 0;

  // Depth is that of the schema, which does not nest itself.
  function countMessage(message: protobuf.Type, end: number): void {
    while (reader.pos < end) {
      const tag = reader.tag();
      const wireType = tag & 7;
      const field = message.fieldsById[tag >>> 3];
      add(1);
      if (wireType === 2) countContent(field?.resolve(), end);
      else reader.skipType(wireType, 0, tag >>> 3);
    }
  }

  function countContent(field: protobuf.Field | undefined, end: number): void {
    const length = reader.uint32();
    const stop = reader.pos + length;
    if (stop > end) throw new RangeError(`a field of ${length} bytes ends behind its message`);
    if (field?.resolvedType instanceof protobuf.Type) countMessage(field.resolvedType, stop);
    else if (field?.type === 'int64') add(length); // a packed integer takes a byte at least
    reader.pos = stop;
  }

  function add(count: number): void {
    parts += count;
    if (parts > mostParts) {
      throw new ModelFileError(
        `This ONNX file has more than ${mostParts} parts, which no network that PreCrop can read has. Export a smaller one.`,
      );
    }
  }

  countMessage(type, bytes.length);
}
