import { inputId, type Node } from '../../ir/architecture.js';
import { type Pads, padsOf, slide, type Window } from '../../ir/geometry.js';
import { channelsOf } from '../../ir/node.js';
import { type ShapedNode, toShapedNodes } from '../../ir/shapes.js';
import type { Model } from '../model.js';
import { countZeros, sparseShare } from './sparsity.js';

/** A model that XNNPACK's sparse kernels take, and whether its images must be turned by half a turn before. */
export interface SuitedModel {
  readonly model: Model;
  readonly turned: boolean;
}

/**
 * XNNPACK multiplies by what is left of the kernels of 1x1 convolutions between a 3x3 convolution of the image with stride 2 and a global mean,
 * where at least 2/3 of all of them is zero and every window is padded alike on all sides (Elsen et al. 2019, arXiv 1911.09723; "Sparse
 * Inference" in the delegate's README.md). TensorFlow's `same` with stride 2 pads even images at the bottom and right alone. Turned by half a
 * turn, that padding is at the top and left, and the lines that more of it adds at the other sides are never read; so the model is given with every
 * kernel turned. The mean does not see it. Undefined where the kernels do not suit, or would not pay.
 */
export function toSparseKernels(model: Model): SuitedModel | undefined {
  if (!paysSparse(model)) return undefined;
  const straight = padAlike(model);
  const turned = straight ? undefined : padAlike(turnModel(model));
  const suited = straight ?? turned;
  return suited && { model: suited, turned: suited === turned };
}

/** Whether all nodes are of the kinds above and 2/3 of the 1x1 kernels is zero. */
function paysSparse({ architecture, weights }: Model): boolean {
  const shaped = toShapedNodes(architecture);
  const end = shaped.findIndex(({ node }) => node.op === 'global-avg-pool');
  const body = shaped.slice(0, Math.max(end, 0));
  if (!body.every(isTaken) || !body.some(({ node }) => isStem(node))) return false;
  const pointwise = body.filter(({ node }) => node.op === 'conv' && !isStem(node)).map(({ node }) => weights.get(`${node.id}/kernel`));
  const total = pointwise.reduce((sum, kernel) => sum + (kernel?.length ?? 0), 0);
  const zeros = pointwise.reduce((sum, kernel) => sum + (kernel ? countZeros(kernel) : 0), 0);
  return total > 0 && zeros > sparseShare * total;
}

function isTaken({ node, inputs: [image = []] }: ShapedNode): boolean {
  switch (node.op) {
    case 'conv':
      if (isStem(node)) return channelsOf(image) === 3 && node.groups === 1 && isWindow(node, [3], [2]);
      return node.groups === 1 && isWindow(node, [1], [1]);
    case 'depthwise-conv':
      return isWindow(node, [3, 5], [1, 2]);
    case 'add':
    case 'relu':
    case 'relu6':
      return true;
    case 'batch-norm':
      return node.inputs[0] === inputId; // the images' normalisation
    default:
      return false;
  }
}

/** Reads the image, normalised or not. */
function isStem(node: Node): boolean {
  return node.op === 'conv' && Math.max(...node.kernel) > 1;
}

function isWindow({ kernel, strides }: Window, sizes: readonly number[], steps: readonly number[]): boolean {
  return kernel[0] === kernel[1] && strides[0] === strides[1] && sizes.includes(kernel[0]) && steps.includes(strides[0]);
}

/** The model with half of each kernel's size as its window's padding on all sides, or undefined where that gives other results. */
function padAlike(model: Model): Model | undefined {
  const nodes: Node[] = [];
  for (const { node, inputs } of toShapedNodes(model.architecture)) {
    if (!('kernel' in node)) nodes.push(node);
    else {
      const [height = 0, width = 0] = inputs[0] ?? [];
      const [top, bottom, left, right] = padsOf(node, height, width);
      const [half, across] = [(node.kernel[0] - 1) / 2, (node.kernel[1] - 1) / 2];
      const padded = { ...node, padding: [half, half, across, across] as Pads };
      const sameResult = slide(node.id, padded, height, width).join() === slide(node.id, node, height, width).join();
      if (top !== half || left !== across || bottom > half || right > across || !sameResult) return undefined;
      nodes.push(padded);
    }
  }
  return { ...model, architecture: { ...model.architecture, nodes } };
}

/** The model that gives of images turned by half a turn what this one gives of the images. */
function turnModel(model: Model): Model {
  const weights = new Map(model.weights);
  const nodes = toShapedNodes(model.architecture).map(({ node, inputs }) => {
    if (!('kernel' in node)) return node;
    const [height = 0, width = 0] = inputs[0] ?? [];
    const [top, bottom, left, right] = padsOf(node, height, width);
    const kernel = weights.get(`${node.id}/kernel`);
    if (kernel) weights.set(`${node.id}/kernel`, turnKernel(kernel, node.kernel[0] * node.kernel[1]));
    return { ...node, padding: [bottom, top, right, left] as Pads };
  });
  return { ...model, weights, architecture: { ...model.architecture, nodes } };
}

/** [kh, kw, …] with both axes reversed. */
function turnKernel(kernel: Float32Array, places: number): Float32Array {
  const size = kernel.length / places;
  const turned = new Float32Array(kernel.length);
  for (let place = 0; place < places; place++) {
    turned.set(kernel.subarray(place * size, (place + 1) * size), (places - 1 - place) * size);
  }
  return turned;
}
