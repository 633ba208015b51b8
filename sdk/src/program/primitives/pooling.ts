import type { Value, WindowAttributes } from '../../ir/lowering.js';
import { at, type Emit, float32, type PrimitiveTable, type ValueType } from '../primitive.js';

type Kinds = 'maxPool' | 'maxPoolGrad' | 'avgPool' | 'avgPoolGrad';

/** Sliding maximum and mean. */
export const pooling: PrimitiveTable<Kinds> = {
  maxPool: {
    outputs: (inputs, attributes) => [pooledShape(at(inputs, 0), attributes)],
    gradient: ({ emit, inputs, outputs, attributes, upstream }) => [
      emit('maxPoolGrad', [at(inputs, 0), at(outputs, 0), at(upstream, 0)], attributes),
    ],
  },
  maxPoolGrad: {
    outputs: ([x]) => [float32(...(x?.shape ?? []))],
    // Linear in dy; which pixel is the largest changes nowhere that a derivative exists.
    gradient: ({ emit, inputs, attributes, upstream, wanted }) => [
      undefined,
      undefined,
      wanted[2] ? pickLargest(emit, at(inputs, 0), at(inputs, 1), at(upstream, 0), attributes) : undefined,
    ],
  },
  avgPool: {
    outputs: (inputs, attributes) => [pooledShape(at(inputs, 0), attributes)],
    gradient: ({ emit, inputs, attributes, upstream }) => [
      emit('avgPoolGrad', [at(upstream, 0)], { ...attributes, inputShape: at(inputs, 0).shape }),
    ],
  },
  avgPoolGrad: {
    outputs: (_inputs, { inputShape }) => [float32(...inputShape)],
    gradient: ({ emit, attributes: { window, strides, pads }, upstream }) => [
      emit('avgPool', [at(upstream, 0)], { window, strides, pads }),
    ],
  },
};

function pooledShape(x: Value, { window, strides, pads }: WindowAttributes): ValueType {
  const [batch = -1, height = 0, width = 0, channels = 0] = x.shape;
  return float32(
    batch,
    Math.floor((height + pads[0] + pads[1] - window[0]) / strides[0]) + 1,
    Math.floor((width + pads[2] + pads[3] - window[1]) / strides[1]) + 1,
    channels,
  );
}

/**
 * For each window, the value that stands at the place of its largest pixel: the transpose of maxPoolGrad. That primitive says where the places
 * are, so ties fall as the backend lets them. Windows that overlap would mix theirs up, so they take turns: those of one turn have no pixel
 * in common.
 */
function pickLargest(emit: Emit, x: Value, y: Value, values: Value, { window, strides, pads }: WindowAttributes): Value {
  const [, height = 0, width = 0, channels = 0] = y.shape;
  const kernel = emit('fill', [], { shape: [...window, channels, 1], value: 1 });
  const pick = (turn: Value): Value => {
    const places = emit('maxPoolGrad', [x, y, turn], { window, strides, pads }); // 1 at the places, else 0
    return emit('depthwiseConv2d', [emit('mul', [values, places], {}), kernel], { strides, pads }); // sums of windows
  };
  const [down, across] = [Math.ceil(window[0] / strides[0]), Math.ceil(window[1] / strides[1])];
  const ones = emit('fill', [], { shape: y.shape, value: 1 });
  if (down * across === 1) return pick(ones);

  const picked: Value[] = [];
  for (let row = 0; row < Math.min(down, height); row++) {
    for (let column = 0; column < Math.min(across, width); column++) {
      const columns = everyNth(emit, width, across, column); // [width]
      const plane = emit('mul', [spread(emit, everyNth(emit, height, down, row), [height, width], 1), columns], {});
      const turn = emit('mul', [ones, spread(emit, plane, [height, width, channels], 2)], {});
      picked.push(emit('mul', [pick(turn), turn], {}));
    }
  }
  return picked.reduce((sum, part) => emit('add', [sum, part], {}));
}

// Ones at `first` and each n-th place after it, else zeros: [length].
function everyNth(emit: Emit, length: number, n: number, first: number): Value {
  const places = Array.from({ length }, (_, index) => emit('fill', [], { shape: [1], value: index % n === first ? 1 : 0 }));
  return length === 1 ? at(places, 0) : emit('concat', places, {});
}

// Repeats along an axis that the value does not have yet.
function spread(emit: Emit, value: Value, shape: readonly number[], axis: number): Value {
  return emit('reduceSumGrad', [value], { axes: [axis], inputShape: shape });
}
