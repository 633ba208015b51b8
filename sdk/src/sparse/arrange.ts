import { bandOf, createLayout, growFor, type Layout } from './layout.js';
import type { ConvOp, Plane, PoolOp, SparseNetwork, SparseOp, Value } from './network.js';

/** A value with the layout of its planes. */
export interface ArrangedValue {
  readonly channels: number;
  readonly layout: Layout;
}

/** An op of the network, or a move of data: of the images into lanes, from one layout to another, or of the logits out. */
export type Step = SparseOp | MoveStep;

export interface MoveStep {
  readonly kind: 'pack' | 'repack' | 'unpack';
  readonly inputs: readonly Plane[];
  readonly output: number;
}

export interface Arrangement {
  readonly values: readonly ArrangedValue[];
  readonly steps: readonly Step[];
}

/**
 * Gives each value its layout, and adds the moves that layouts need: where a max-pool must not see zeros, and where the bands of an output do not
 * begin where those of the input do.
 */
export function arrange({ values, ops, logits }: SparseNetwork, banded: boolean): Arrangement {
  const shared = new Map<string, Layout>();
  const arranged: ArrangedValue[] = values.map(({ height, width, channels }) => ({ channels, layout: layoutOf({ height, width }) }));
  const moved = new Map<string, readonly Plane[]>();
  const steps: Step[] = [{ kind: 'pack', inputs: [], output: 0 }];

  for (const op of ops) {
    if (op.kind === 'mean') steps.push(op);
    else addWindowed(op);
  }
  steps.push({ kind: 'unpack', inputs: logits, output: 0 });
  return { values: arranged, steps };

  function layoutOf({ height, width }: Pick<Value, 'height' | 'width'>, band = bandOf(height, banded), fill = 0): Layout {
    const key = [height, width, band, fill].join();
    const layout = shared.get(key) ?? createLayout({ height, width }, banded, band, fill);
    shared.set(key, layout);
    return layout;
  }

  function addWindowed(op: ConvOp | PoolOp): void {
    const [stride] = op.strides;
    const input = (arranged[op.inputs[0]?.value ?? 0] as ArrangedValue).layout;
    const { layout: output, channels } = arranged[op.output] as ArrangedValue;
    // Bands of the input begin where those of the output do, and hold all rows.
    const outBand = banded ? Math.max(output.band, Math.ceil(bandOf(input.height, true) / stride)) : output.band;
    const zeros = op.kind !== 'max-pool' || op.inputs.every(({ value }) => values[value]?.nonNegative);
    const needed = layoutOf(input, banded ? outBand * stride : input.band, zeros ? 0 : Number.NEGATIVE_INFINITY);
    const inputs = needed === input ? op.inputs : move(op.inputs, needed);
    if (outBand === output.band) {
      growFor(needed, op, output);
      steps.push({ ...op, inputs });
      return;
    }
    const wide = layoutOf(output, outBand);
    arranged.push({ channels, layout: wide });
    growFor(needed, op, wide);
    const residual = op.kind === 'conv' && op.residual ? { residual: move(op.residual, wide) } : {};
    steps.push({ ...op, ...residual, inputs, output: arranged.length - 1 });
    steps.push({ kind: 'repack', inputs: allOf(arranged.length - 1, channels), output: op.output });
  }

  /** The planes in another layout, made once for all that read them. */
  function move(planes: readonly Plane[], layout: Layout): readonly Plane[] {
    const key = JSON.stringify([planes.map(({ value, channel }) => [value, channel]), layout.band, layout.fill]);
    const known = moved.get(key);
    if (known) return known;
    arranged.push({ channels: planes.length, layout });
    steps.push({ kind: 'repack', inputs: planes, output: arranged.length - 1 });
    const copies = allOf(arranged.length - 1, planes.length);
    moved.set(key, copies);
    return copies;
  }
}

function allOf(value: number, channels: number): readonly Plane[] {
  return Array.from({ length: channels }, (_, channel) => ({ value, channel }));
}
