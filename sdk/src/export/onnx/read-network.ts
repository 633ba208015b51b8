import { ArchitectureError, ModelFileError } from '../../core/errors.js';
import { inputId, type Node } from '../../ir/architecture.js';
import { type Shape, sizeOf } from '../../ir/node.js';
import { specOf } from '../../ir/ops.js';
import type { StoredFloats } from '../model.js';
import { quote } from '../quote.js';
import type { DataValue } from './read-value.js';

/** Elements of the largest value of one image: a 4 GB tensor. */
const largestValue = 2 ** 30;
/** Groups and parts that all nodes have together: each becomes an operation. */
const mostPieces = 65_536;
const longestId = 200;

export interface NamedWeight {
  readonly part: string;
  readonly values: StoredFloats;
}

/** An architecture in the making, and its weights. */
export interface Network {
  readonly nodes: readonly Node[];
  readonly weights: ReadonlyMap<string, StoredFloats>;
  /** A name for a node like the one in the file. */
  claimId(name: string): string;
  /** Adds a node. @throws ModelFileError where it does not fit the shapes that it reads. */
  add(node: Node, inputs: readonly DataValue[], weights?: readonly NamedWeight[]): DataValue;
  /** Gives a node a bias that the file adds behind it; false where it cannot have one. */
  addBias(id: string, values: StoredFloats): boolean;
}

/** `fileBytes` bounds the weights: nodes that share a tensor each get a copy of it. */
export function createNetwork(fileBytes: number): Network {
  const nodes: Node[] = [];
  const places = new Map<string, number>();
  const shapes = new Map<string, Shape>();
  const weights = new Map<string, StoredFloats>();
  const claimId = createNamer();
  let room = 4 * fileBytes + 2 ** 20;
  let pieces = 0;

  function keep(id: string, { part, values }: NamedWeight): void {
    room -= values.length * Float32Array.BYTES_PER_ELEMENT;
    if (room < 0) {
      throw new ModelFileError(
        `Node ${quote(id)} and others share tensors, so that their weights would take over four times the file's ${fileBytes} bytes.`,
      );
    }
    weights.set(`${id}/${part}`, values);
  }

  return {
    nodes,
    weights,
    claimId,
    add(node, inputs, named = []) {
      const shape = shapeOf(node, inputs);
      pieces += node.op === 'split' ? node.parts : node.op === 'conv' ? node.groups : 0;
      if (!(sizeOf(shape) <= largestValue)) {
        throw new ModelFileError(
          `Node ${quote(node.id)} writes ${shape.join('x')} values for one image. At most ${largestValue} are possible.`,
        );
      }
      if (pieces > mostPieces) {
        throw new ModelFileError(
          `Up to node ${quote(node.id)} the network has ${pieces} groups and parts. At most ${mostPieces} are possible.`,
        );
      }
      for (const weight of named) keep(node.id, weight);
      places.set(node.id, nodes.length);
      shapes.set(node.id, shape);
      nodes.push(node);
      return { kind: 'data', id: node.id, shape, shared: false };
    },
    addBias(id, values) {
      const place = places.get(id) ?? -1;
      const node = nodes[place];
      if (node?.op !== 'conv' && node?.op !== 'depthwise-conv' && node?.op !== 'dense') return false;
      if (node.bias || values.length !== shapes.get(id)?.at(-1)) return false;
      keep(id, { part: 'bias', values });
      nodes[place] = { ...node, bias: true };
      return true;
    },
  };
}

function shapeOf(node: Node, inputs: readonly DataValue[]): Shape {
  try {
    return specOf(node).outputShape(
      node,
      inputs.map(({ shape }) => shape),
    );
  } catch (error) {
    if (error instanceof ArchitectureError) throw new ModelFileError(error.message, { cause: error });
    throw error;
  }
}

/** Names as they came, where they are new and of one readable line; else like them. */
function createNamer(): (name: string) => string {
  const taken = new Set([inputId]);
  const counts = new Map<string, number>();
  return (name) => {
    const base = name.replace(/\p{Cc}/gu, '_').slice(0, longestId) || 'node';
    let id = base;
    while (taken.has(id)) {
      const count = (counts.get(base) ?? 1) + 1;
      counts.set(base, count);
      id = `${base}-${count}`;
    }
    taken.add(id);
    return id;
  };
}
