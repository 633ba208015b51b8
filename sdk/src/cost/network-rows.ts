import { createAxes, createKernelField, type KernelField, shareOf, sumShares } from './kernel-field.js';
import { type KernelPoint, type MachineRates, partCount, toKernelPoint } from './kernel-prior.js';
import { type Kernel, keyOf } from './kernels.js';

/** How networks vary together through the kernels that they are made of: standard deviations of these, as fractions of what is expected. */
export interface RowPriors {
  /** Factor of a part of the work, common to all kernels. */
  readonly shared: number;
  /** The same of one kind of kernels. */
  readonly kind: number;
  /** Smooth deviation over sizes, of one kind. */
  readonly smooth: number;
  /** What kernels of other alignments share of it, for each of the two channel axes. */
  readonly otherAlignment: number;
}

/** Kernels of one kind in a network, equal ones as one, and the sum of their parts. */
interface RowKind {
  readonly kernels: { readonly point: KernelPoint; readonly count: number; readonly deviation: number }[];
  readonly parts: Float64Array;
}

/** A network's kernels, kind by kind. */
export interface Row {
  /** About what it takes, without looking at any timing. */
  readonly expectedMs: number;
  readonly parts: Float64Array;
  readonly kinds: ReadonlyMap<string, RowKind>;
}

/** All kernels of one kind that were timed, and where those of each row stand among them. */
export interface TimedKind {
  readonly field: KernelField;
  /** Of rows that have any, in order. */
  readonly rows: readonly TimedRow[];
}

interface TimedRow {
  readonly row: number;
  /** Of each kernel of the kind, its place among all, and the standard deviation of its smooth part, ms. */
  readonly indices: Uint16Array;
  readonly deviations: Float64Array;
  readonly parts: Float64Array;
  /** How many kernels this row and those before it have. */
  readonly seen: number;
}

export type TimedKinds = ReadonlyMap<string, TimedKind>;
type ToPoint = (kernel: Kernel, batch: number) => KernelPoint;

/** Equal kernels are one and the same point. */
export function createPoints(rates: MachineRates): ToPoint {
  const known = new Map<string, KernelPoint>();
  return (kernel, batch) => {
    const key = `${batch} ${keyOf(kernel)}`;
    const point = known.get(key) ?? toKernelPoint(kernel, batch, rates);
    known.set(key, point);
    return point;
  };
}

export function toRow(kernels: readonly Kernel[], batch: number, toPoint: ToPoint, priors: RowPriors): Row {
  const parts = new Float64Array(partCount);
  const kinds = new Map<string, RowKind>();
  let expectedMs = 0;
  for (const { point, count } of tally(kernels, batch, toPoint)) {
    const kind = kinds.get(point.kind) ?? { kernels: [], parts: new Float64Array(partCount) };
    kinds.set(point.kind, kind);
    kind.kernels.push({ point, count, deviation: priors.smooth * count * point.expectedMs });
    addParts(kind.parts, point, count);
    addParts(parts, point, count);
    expectedMs += count * point.expectedMs;
  }
  return { expectedMs, parts, kinds };
}

/** Each point once. Alike nodes follow each other as one and the same kernel. */
function tally(
  kernels: readonly Kernel[],
  batch: number,
  toPoint: ToPoint,
): Iterable<{ readonly point: KernelPoint; readonly count: number }> {
  const tallied = new Map<KernelPoint, { readonly point: KernelPoint; count: number }>();
  for (let end = 0; end < kernels.length; ) {
    const begin = end;
    while (kernels[end] === kernels[begin]) end++;
    const point = toPoint(kernels[begin] as Kernel, batch);
    const known = tallied.get(point);
    if (known) known.count += end - begin;
    else tallied.set(point, { point, count: end - begin });
  }
  return tallied.values();
}

export function collectKinds(rows: readonly Row[], priors: RowPriors): TimedKinds {
  const found = new Map<string, { readonly indexOf: Map<KernelPoint, number>; readonly rows: TimedRow[] }>();
  for (const [row, { kinds }] of rows.entries()) {
    for (const [kind, { kernels, parts }] of kinds) {
      const timed = found.get(kind) ?? { indexOf: new Map<KernelPoint, number>(), rows: [] as TimedRow[] };
      found.set(kind, timed);
      for (const { point } of kernels) if (!timed.indexOf.has(point)) timed.indexOf.set(point, timed.indexOf.size);
      const indices = Uint16Array.from(kernels, ({ point }) => timed.indexOf.get(point) as number);
      const deviations = Float64Array.from(kernels, ({ deviation }) => deviation);
      timed.rows.push({ row, indices, deviations, parts, seen: timed.indexOf.size });
    }
  }
  const pointsOf = (kind: string): readonly KernelPoint[] => [...(found.get(kind)?.indexOf.keys() ?? [])];
  const axes = createAxes([...found.keys()].flatMap(pointsOf), priors.otherAlignment);
  return new Map([...found].map(([kind, timed]) => [kind, { field: createKernelField(pointsOf(kind), axes), rows: timed.rows }]));
}

/** Covariance of one network's kernels with those of each timing. @param rows the first of them, or all */
export function crossCovariance(row: Row, rows: readonly Row[], kinds: TimedKinds, priors: RowPriors): Float64Array {
  const cross = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) cross[i] = priors.shared ** 2 * dot(row.parts, (rows[i] as Row).parts);
  for (const [kind, ofKind] of row.kinds) {
    const timed = kinds.get(kind);
    if (timed) addCovariance(cross, ofKind, timed, priors);
  }
  return cross;
}

/** Adds that of one kind. Summed over the network's own kernels first: then each timing reads one number a kernel. */
function addCovariance(cross: Float64Array, { kernels, parts }: RowKind, { field, rows }: TimedKind, priors: RowPriors): void {
  let end = rows.length;
  while (end > 0 && (rows[end - 1] as TimedRow).row >= cross.length) end--;
  const sums = sumShares(field, kernels, rows[end - 1]?.seen ?? 0);
  for (let i = 0; i < end; i++) {
    const { row, indices, deviations, parts: others } = rows[i] as TimedRow;
    let total = priors.kind ** 2 * dot(parts, others);
    for (let k = 0; k < indices.length; k++) total += (deviations[k] as number) * (sums[indices[k] as number] as number);
    cross[row] = (cross[row] as number) + total;
  }
}

/** How two rows of parts vary together where each part has a factor of its own. */
export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let part = 0; part < partCount; part++) total += (a[part] as number) * (b[part] as number);
  return total;
}

function addParts(sum: Float64Array, { parts }: KernelPoint, count: number): void {
  for (let part = 0; part < partCount; part++) sum[part] = (sum[part] as number) + count * (parts[part] as number);
}

/** Variance of one network's kernels together. */
export function varianceOf(row: Row, priors: RowPriors): number {
  let variance = priors.shared ** 2 * dot(row.parts, row.parts);
  for (const { kernels, parts } of row.kinds.values()) {
    variance += priors.kind ** 2 * dot(parts, parts);
    for (const a of kernels) {
      for (const b of kernels) variance += a.deviation * b.deviation * shareOf(a.point, b.point, priors.otherAlignment);
    }
  }
  return variance;
}
