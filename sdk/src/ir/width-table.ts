/**
 * Channel axes and what ties them. An axis is a list of atoms, runs of channels that are cropped as one; atoms that must keep
 * one width are united (union-find). Where two tied axes are cut at different places, atoms are split until the cuts agree:
 * so a residual sum over a concatenation, or a split in halves, needs no case of its own.
 */
export interface Atom {
  readonly size: number;
  /** Names of the nodes that own the channels of this atom. */
  readonly owners: Set<string>;
  parent: Atom | undefined;
  parts: readonly [Atom, Atom] | undefined;
  /** The width must be a multiple of this: groups of a grouped convolution or a shuffle. */
  multipleOf: number;
  /** A width that no crop may change: the image's channels, the classes. */
  fixed: boolean;
}
export type ChannelAxis = readonly Atom[];

export interface WidthTable {
  /** A new free width, owned by a node. */
  fresh(owner: string, size: number): ChannelAxis;
  /** A width that stays. */
  fixed(size: number): ChannelAxis;
  /** Both axes keep one width from now on; they have equal sizes. */
  tie(a: ChannelAxis, b: ChannelAxis): void;
  /** The axis in equal parts, which keep one width from now on. */
  cutEqually(axis: ChannelAxis, parts: number): readonly ChannelAxis[];
  /** The width of the axis stays a multiple of this. */
  keepMultiple(axis: ChannelAxis, multiple: number): void;
  /** To be called once after the last tie: gives every free atom its multiple. */
  settle(): void;
  /** The atoms as they are now, after all splitting. */
  leaves(axis: ChannelAxis): readonly Atom[];
}

export function createWidthTable(): WidthTable {
  const fresh = (owner: string, size: number): ChannelAxis => [createAtom(size, [owner], false)];
  const multiples: { readonly axis: ChannelAxis; readonly multiple: number }[] = [];
  return {
    fresh,
    fixed: (size) => [createAtom(size, [], true)],
    tie,
    cutEqually(axis, parts) {
      const size = leaves(axis).reduce((sum, atom) => sum + atom.size, 0) / parts;
      const cuts: ChannelAxis[] = [];
      let rest = axis;
      for (let part = 1; part < parts; part++) {
        const [head, tail] = cutAt(rest, size);
        cuts.push(head);
        rest = tail;
      }
      cuts.push(rest);
      for (const cut of cuts.slice(1)) tie(cuts[0] as ChannelAxis, cut);
      return cuts;
    },
    keepMultiple(axis, multiple) {
      multiples.push({ axis, multiple });
    },
    settle() {
      for (const { axis, multiple } of multiples) settleMultiple(leaves(axis), multiple);
    },
    leaves,
  };
}

function createAtom(size: number, owners: Iterable<string>, fixed: boolean): Atom {
  return { size, owners: new Set(owners), parent: undefined, parts: undefined, multipleOf: 1, fixed };
}

function find(atom: Atom): Atom {
  let root = atom;
  while (root.parent) root = root.parent;
  return root;
}

function leaves(axis: ChannelAxis): Atom[] {
  return axis.flatMap((atom) => {
    const root = find(atom);
    return root.parts ? leaves(root.parts) : [root];
  });
}

function tie(a: ChannelAxis, b: ChannelAxis): void {
  for (;;) {
    const left = leaves(a);
    const right = leaves(b);
    const at = left.findIndex((atom, index) => atom !== right[index]);
    if (at < 0) return;
    const one = left[at] as Atom;
    const other = right[at] as Atom;
    if (one.size === other.size) unite(one, other);
    else if (one.size > other.size) split(one, other.size);
    else split(other, one.size);
  }
}

function unite(one: Atom, other: Atom): void {
  other.parent = one;
  for (const owner of other.owners) one.owners.add(owner);
  one.fixed ||= other.fixed;
}

function split(atom: Atom, at: number): void {
  const part = (size: number): Atom => createAtom(size, atom.owners, atom.fixed);
  atom.parts = [part(at), part(atom.size - at)];
}

function cutAt(axis: ChannelAxis, at: number): readonly [ChannelAxis, ChannelAxis] {
  for (;;) {
    const atoms = leaves(axis);
    let count = 0;
    let size = 0;
    for (; size < at && size + (atoms[count] as Atom).size <= at; count++) size += (atoms[count] as Atom).size;
    if (size === at) return [atoms.slice(0, count), atoms.slice(count)];
    split(atoms[count] as Atom, at - size);
  }
}

// An atom that stands k times in the axis need only be a multiple of m / gcd(m, k). Where the atoms as they are break
// this, and their sum alone is a multiple, they stay: [3, 5] under a convolution of 8 groups.
function settleMultiple(atoms: readonly Atom[], multiple: number): void {
  const free = [...new Set(atoms)].filter((atom) => !atom.fixed);
  const needs = free.map((atom) => multiple / greatestCommonDivisor(multiple, atoms.filter((other) => other === atom).length));
  const holds = free.every((atom, index) => atom.size % (needs[index] ?? 1) === 0);
  for (const [index, atom] of free.entries()) {
    if (holds) atom.multipleOf = leastCommonMultiple(atom.multipleOf, needs[index] ?? 1);
    else atom.fixed = true;
  }
}

function leastCommonMultiple(a: number, b: number): number {
  return (a * b) / greatestCommonDivisor(a, b);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
