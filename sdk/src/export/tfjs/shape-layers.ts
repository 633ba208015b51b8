import { z } from 'zod';
import { ModelFileError } from '../../core/errors.js';
import { channelsOf, type Shape, sizeOf } from '../../ir/node.js';
import { mostParts } from './layer.js';
import { describeLayer, inputOf, type LayerCall, type ReadLayer, type Value } from './network-builder.js';
import { configOf } from './window-layers.js';

const extent = z.int().nonnegative();
const crop = z.tuple([extent, extent]);
const cropping = z.object({
  cropping: z.tuple([crop, crop], { error: 'only a cropping of [[top, bottom], [left, right]] can be imported' }),
  data_format: z.enum(['channels_last', 'channels_first']).nullish(),
});
const flatten = z.object({ data_format: z.literal('channels_last').nullish() });
const reshape = z.object({ target_shape: z.array(z.int().nullable()).min(1).max(4) });
const permute = z.object({ dims: z.array(z.int().positive()).max(4) });

/** Layers that move values without computing: flattening, channel shuffles, splits. */
export const shapeLayers: Readonly<Record<string, ReadLayer>> = {
  Cropping2D(call) {
    const config = configOf(cropping, call);
    const value = inputOf(call, 'plain');
    const { shape } = value;
    const [first, [before, behind]] = config.cropping;
    if (config.data_format !== 'channels_first') {
      if ([...first, before, behind].every((pixels) => pixels === 0)) return value;
      throw new ModelFileError(`${describeLayer(call.layer)} crops pixels, for which PreCrop has no op: it can crop channels alone.`);
    }
    // Of our images, whose channels come last, `channels_first` crops width and channels.
    const channels = channelsOf(shape);
    const size = channels - before - behind;
    const isPart = shape.length === 3 && sizeOf(first) === 0 && first[0] === first[1] && size > 0 && channels % size === 0;
    if (!isPart || before % size !== 0 || channels / size > mostParts) {
      throw new ModelFileError(
        `${describeLayer(call.layer)} crops ${before} and ${behind} of ${channels} channels, but can only take one of at most ${mostParts} equal parts.`,
      );
    }
    return call.builder.emit({ id: call.id, op: 'split', inputs: [value.id], parts: channels / size, part: before / size });
  },
  Flatten(call) {
    configOf(flatten, call);
    return reshapeTo(call, readMoved(call, 'plain', 'pixel'), null);
  },
  Reshape(call) {
    const { target_shape } = configOf(reshape, call);
    const value = readMoved(call, 'plain', 'pixel', 'turned');
    return reshapeTo(call, value, completeShape(target_shape, sizeOf(value.shape)));
  },
  Permute(call) {
    const { dims } = configOf(permute, call);
    const value = inputOf(call, 'dealt');
    const { groups, rank } = value.form as Extract<Value['form'], { kind: 'dealt' }>;
    const swapped = [...Array.from({ length: rank - 2 }, (_, axis) => axis + 1), rank, rank - 1];
    if (dims.join() !== swapped.join()) throw refuse(call, `permutes axes to ${dims.join(', ')}`);
    return { ...value, form: { kind: 'turned', groups } };
  },
};

/** The only input; probabilities may still change their shape. */
function readMoved(call: LayerCall, ...kinds: readonly Value['form']['kind'][]): Value {
  const probabilities = call.inputs[0]?.probabilities ?? false;
  const value = inputOf({ ...call, inputs: call.inputs.map((input) => ({ ...input, probabilities: false })) }, ...kinds);
  return { ...value, probabilities };
}

/** The value with the shape that a layer gives it; null for a vector. */
function reshapeTo(call: LayerCall, value: Value, target: Shape | null): Value {
  const { shape, form } = value;
  const [height = 0, width = 0, channels = 0] = shape.length === 3 ? shape : [1, 1, ...shape];
  const isVector = target === null || target.length === 1;
  if (form.kind === 'turned') {
    if (target?.join() !== shape.join()) throw refuse(call, `reshapes a permuted image to ${target?.join('x')}`);
    return call.builder.emit({ id: call.id, op: 'channel-shuffle', inputs: [value.id], groups: form.groups });
  }
  if (shape.length === 1) {
    if (isVector) return { ...value, form: { kind: 'plain' } };
    if (target.join() === `1,1,${channels}`) return { ...value, form: { kind: 'pixel' } };
    throw refuse(call, `reshapes a vector to ${target.join('x')}`);
  }
  if (isVector) {
    const isPixel = height * width === 1;
    return isPixel
      ? { ...call.builder.emit({ id: call.id, op: 'global-avg-pool', inputs: [value.id] }), probabilities: value.probabilities }
      : { ...value, form: { kind: 'flat' } };
  }
  if (target.join() === shape.join()) return value;
  const [groups = 0, run = 0] = target.slice(-2);
  const isDealt = groups * run === channels && sizeOf(target.slice(0, -2)) === height * width && !value.probabilities;
  if (!isDealt) throw refuse(call, `reshapes ${shape.join('x')} to ${target.join('x')}`);
  return { ...value, form: { kind: 'dealt', groups, rank: target.length } };
}

/** The shape with its one unknown extent, null or negative, filled in. */
function completeShape(target: readonly (number | null)[], size: number): Shape {
  const known = target.reduce<number>((product, extent) => (extent === null || extent < 0 ? product : product * extent), 1);
  return target.map((extent) => (extent === null || extent < 0 ? size / known : extent));
}

function refuse({ layer }: LayerCall, what: string): ModelFileError {
  return new ModelFileError(`${describeLayer(layer)} ${what}, for which PreCrop has no op.`);
}
