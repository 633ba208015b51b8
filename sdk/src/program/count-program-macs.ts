import type { Operation, Program } from './program.js';

/**
 * Multiply-accumulates of one run of a program at a batch size: its convolutions and matrix products, forward and backward. Everything
 * else moves data. A training step needs about three times the forward pass, less the first layer's gradient of the image.
 */
export function countProgramMacs(program: Program, batch: number): number {
  return program.operations.reduce((sum, operation) => sum + countOperation(operation, program, batch), 0);
}

function countOperation({ kind, inputs, outputs, attributes }: Operation, { values }: Program, batch: number): number {
  const shapeOf = (id: number | undefined): readonly number[] => values[id ?? -1]?.shape ?? [];
  switch (kind) {
    // Each output pixel (or its gradient) meets every weight once, whichever of the three is computed. Padding counts as pixels.
    case 'conv2d':
    case 'depthwiseConv2d':
      return pixels(shapeOf(outputs[0]), batch) * size(shapeOf(inputs[1]), batch);
    case 'conv2dBackpropInput':
    case 'depthwiseConv2dBackpropInput':
      return pixels(shapeOf(inputs[1]), batch) * size(shapeOf(inputs[0]), batch);
    case 'conv2dBackpropFilter':
    case 'depthwiseConv2dBackpropFilter':
      return pixels(shapeOf(inputs[1]), batch) * size(attributes.filterShape, batch);
    case 'matmul': {
      const inner = shapeOf(inputs[0])[attributes.transposeA ? 0 : 1] ?? 0;
      return size(shapeOf(outputs[0]), batch) * (inner < 0 ? batch : inner);
    }
    default:
      return 0;
  }
}

function size(shape: readonly number[], batch: number): number {
  return shape.reduce((product, extent) => product * (extent < 0 ? batch : extent), 1);
}

/** Pixels of an image [n, h, w, c], all images together. */
function pixels(shape: readonly number[], batch: number): number {
  return size(shape.slice(0, -1), batch);
}
