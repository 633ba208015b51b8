import { z } from 'zod';
import { toCanonicalJson } from '../../core/hash.js';
import type { Layer } from './layer.js';
import { toHelperName } from './layer-names.js';
import { conv2d } from './window-layers.js';

const none = z.literal(0);
const channelCrop = z.object({
  cropping: z.tuple([z.tuple([none, none]), z.tuple([z.int(), z.int()])]),
  data_format: z.literal('channels_first'),
});

/** The layers with those that an exporter wrote for a grouped convolution (crop, convolve, put together) as one again. */
export function mergeGroups(layers: readonly Layer[]): readonly Layer[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const gone = new Set<string>();
  const merged = layers.map((layer) => {
    const convolution = mergeInto(layer, byName);
    for (const group of convolution?.groups ?? []) gone.add(group).add(toHelperName(group, 'input'));
    return convolution ?? layer;
  });
  return merged.filter(({ name }) => !gone.has(name));
}

/** The grouped convolution that a concatenation ends, if its helpers stand as they were written. */
function mergeInto({ name, className, inputs: groups }: Layer, byName: ReadonlyMap<string, Layer>): Layer | undefined {
  if (className !== 'Concatenate' || groups.length < 2) return undefined;
  const [first] = groups;
  if (first !== toHelperName(name, 'group0')) return undefined;
  const parts = groups.map((group) => byName.get(group));
  const crops = groups.map((group) => byName.get(toHelperName(group, 'input')));
  const source = crops[0]?.inputs[0];
  const config = conv2d.safeParse(parts[0]?.config).data;
  if (source === undefined || config?.groups !== 1) return undefined;

  const same = toCanonicalJson(config);
  const step = cropOf(crops[0])?.[1] ?? 0; // (groups - 1) · inC / groups
  const inner = step / (groups.length - 1);
  const isWhole = groups.every((group, index) => {
    const [part, crop] = [parts[index], crops[index]];
    const cropped = cropOf(crop);
    return (
      group === toHelperName(name, `group${index}`) &&
      part?.className === 'Conv2D' &&
      part.inputs.join() === toHelperName(group, 'input') &&
      toCanonicalJson(conv2d.safeParse(part.config).data ?? null) === same &&
      crop?.inputs.length === 1 &&
      crop.inputs[0] === source &&
      cropped?.[0] === index * inner &&
      cropped[1] === step - index * inner
    );
  });
  if (!isWhole) return undefined;
  const whole = { ...config, filters: config.filters * groups.length, groups: groups.length };
  return { name, className: 'Conv2D', config: whole, inputs: [source], groups };
}

/** Channels that a layer crops before and behind, where it crops nothing else. */
function cropOf(layer: Layer | undefined): readonly [number, number] | undefined {
  if (layer?.className !== 'Cropping2D') return undefined;
  const result = channelCrop.safeParse(layer.config);
  return result.success ? result.data.cropping[1] : undefined;
}
