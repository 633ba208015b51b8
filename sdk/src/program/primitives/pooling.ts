import type { Value, WindowAttributes } from '../../ir/lowering.js';
import { at, float32, type PrimitiveTable, type ValueType } from '../primitive.js';

type Kinds = 'maxPool' | 'maxPoolGrad' | 'avgPool' | 'avgPoolGrad';

/** Sliding maximum and mean. */
export const pooling: PrimitiveTable<Kinds> = {
  maxPool: {
    outputs: (inputs, attributes) => [pooledShape(at(inputs, 0), attributes)],
    gradient: ({ emit, inputs, outputs, attributes, upstream }) => [
      emit('maxPoolGrad', [at(inputs, 0), at(outputs, 0), at(upstream, 0)], attributes),
    ],
  },
  maxPoolGrad: { outputs: ([x]) => [float32(...(x?.shape ?? []))] },
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
