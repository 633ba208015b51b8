/** What every node of an architecture has. */
export interface NodeBase {
  /** Unique in the architecture, dotted from coarse to fine: `stage1.block2.conv1`. */
  readonly id: string;
  readonly inputs: readonly string[];
}

/** Shape of one image's value, without the batch: [height, width, channels] or [channels]. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** The last axis. */
export function channelsOf(shape: Shape): number {
  return shape.at(-1) ?? 1;
}

/** The shape with another number of channels. */
export function withChannels(shape: Shape, channels: number): Shape {
  return shape.with(-1, channels);
}
