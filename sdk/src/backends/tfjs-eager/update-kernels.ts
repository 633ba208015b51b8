import { add, div, mul, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import { inputAt, type KernelTable } from './kernel.js';

type Kinds = 'assign' | 'applyMomentum' | 'applyAdam';

/** Primitives that write variables. */
export const updateKernels: KernelTable<Kinds> = {
  assign({ inputs, attributes: { variable }, variables }) {
    variables.write(variable, inputAt(inputs, 0).clone());
    return [];
  },
  applyMomentum({ inputs, attributes: { variable, slot, momentum, nesterov }, variables }) {
    const [gradient, learningRate] = [inputAt(inputs, 0), inputAt(inputs, 1)];
    const velocity = add(mul(variables.read(slot), momentum), gradient);
    const direction = nesterov ? add(gradient, mul(velocity, momentum)) : velocity;
    variables.write(variable, sub(variables.read(variable), mul(direction, learningRate)));
    variables.write(slot, velocity);
    return [];
  },
  /** Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2: epsilon is added after the correction of the moments' bias. */
  applyAdam({ inputs, attributes, variables }) {
    const [gradient, learningRate, beta1Power, beta2Power] = [0, 1, 2, 3].map((index) => inputAt(inputs, index)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const { variable, firstMoment, secondMoment, beta1, beta2, epsilon, weightDecay } = attributes;
    const first = average(variables.read(firstMoment), gradient, beta1);
    const second = average(variables.read(secondMoment), square(gradient), beta2);
    const deviation = add(sqrt(div(second, sub(1, beta2Power))), epsilon);
    const step = mul(learningRate, div(div(first, sub(1, beta1Power)), deviation));
    const shrunk = mul(variables.read(variable), sub(1, mul(learningRate, weightDecay)));
    variables.write(variable, sub(shrunk, step));
    variables.write(firstMoment, first);
    variables.write(secondMoment, second);
    return [];
  },
};

function average(old: Tensor, value: Tensor, kept: number): Tensor {
  return add(mul(old, kept), mul(value, 1 - kept));
}
