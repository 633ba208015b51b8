import type { Feeds } from '@precrop/sdk/backends/backend';
import type { PrimitiveKind, Value } from '@precrop/sdk/ir/lowering';
import { createProgramBuilder, type ProgramBuilder } from '@precrop/sdk/program/builder';
import { differentiate } from '@precrop/sdk/program/differentiate';
import type { Program } from '@precrop/sdk/program/program';
import { decode, type GoldenCase } from './golden.js';

/** A program that is one primitive: inputs `input0`…, outputs `output0`…. */
export function toForward(kind: PrimitiveKind, golden: GoldenCase, name: string): Program {
  const builder = createProgramBuilder(name, 'train');
  const { outputs } = emitCase(builder, kind, golden);
  return builder.finish(Object.fromEntries(outputs.map((value, index) => [`output${index}`, value])));
}

/** The gradients of a primitive: further inputs `upstream0`…, outputs `gradient0`… as far as the golden numbers have them. */
export function toGradient(kind: PrimitiveKind, golden: GoldenCase, name: string): Program {
  const builder = createProgramBuilder(name, 'train');
  const { inputs, outputs } = emitCase(builder, kind, golden);
  const seeds = outputs.flatMap((output, index) =>
    golden.upstream[index] === null ? [] : [{ output, seed: builder.input(`upstream${index}`, output.shape) }],
  );
  const sources = inputs.filter((_, index) => golden.gradients[index] !== null);
  const [only] = seeds;
  const gradients =
    seeds.length === 1 && only
      ? differentiate(builder, only.output, sources, only.seed)
      : differentiate(builder, sumOfProducts(builder, seeds), sources);
  const named = inputs.flatMap((input, index): [string, Value][] => {
    const gradient = gradients[sources.indexOf(input)];
    return gradient ? [[`gradient${index}`, gradient]] : [];
  });
  return builder.finish(Object.fromEntries(named));
}

/** Values of `input0`…. */
export function toFeeds(golden: GoldenCase): Record<string, Float32Array | Int32Array> {
  return Object.fromEntries(
    golden.inputs.map(({ dtype, data }, index) => [`input${index}`, dtype === 'int32' ? Int32Array.from(decode(data)) : decode(data)]),
  );
}

/** Values of `upstream0`…. */
export function toUpstreamFeeds(golden: GoldenCase): Feeds {
  return Object.fromEntries(golden.upstream.flatMap((data, index) => (data === null ? [] : [[`upstream${index}`, decode(data)]])));
}

function emitCase(
  builder: ProgramBuilder,
  kind: PrimitiveKind,
  golden: GoldenCase,
): { inputs: readonly Value[]; outputs: readonly Value[] } {
  const inputs = golden.inputs.map(({ shape, dtype }, index) => builder.input(`input${index}`, shape, dtype));
  return { inputs, outputs: builder.emitAll(kind, inputs, golden.attributes as never) };
}

function sumOfProducts(builder: ProgramBuilder, terms: readonly { readonly output: Value; readonly seed: Value }[]): Value {
  const sums = terms.map(({ output, seed }) =>
    builder.emit('reduceSum', [builder.emit('mul', [output, seed], {})], { axes: output.shape.map((_, axis) => axis) }),
  );
  return sums.reduce((total, sum) => builder.emit('add', [total, sum], {}));
}
