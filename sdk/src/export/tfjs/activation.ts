import { z } from 'zod';
import type { LayerCall, Value } from './network-builder.js';

export type Activation = 'linear' | 'relu' | 'relu6' | 'softmax';

/** The activation that a layer names; none is linear. */
export const activationField: z.ZodType<Activation | null | undefined> = z.enum(['linear', 'relu', 'relu6', 'softmax']).nullish();

/** What the activation makes of a layer's output: a node of its own, with an id like the layer's where the layer is another node already. */
export function activate({ builder, id }: LayerCall, value: Value, activation: Activation | null | undefined): Value {
  if (activation === 'softmax') return { ...value, probabilities: true };
  if (activation !== 'relu' && activation !== 'relu6') return value;
  const node = { id: builder.has(id) ? builder.freshId(`${id}.${activation}`) : id, op: activation, inputs: [value.id] };
  return { ...builder.emit(node), form: value.form };
}
