import { ArchitectureError } from '../core/errors.js';
import type { LoweringBuilder, Value, VariableSpec } from '../ir/lowering.js';
import { primitiveOf } from './primitives.js';
import type { Operation, Phase, Program, ProgramInput, ProgramVariable } from './program.js';

/** A program in the making. `lower`, `differentiate` and `optimize` append to it. */
export interface ProgramBuilder extends LoweringBuilder {
  input(name: string, shape: readonly number[], dtype?: Value['dtype']): Value;
  /** Declares a variable that this program writes but never reads as a value (an optimizer's slot). */
  slot(spec: VariableSpec): void;
  /** Operations from here on belong to this phase. */
  enter(phase: Phase): void;
  readonly operations: readonly Operation[];
  readonly values: readonly Value[];
  readonly variables: readonly ProgramVariable[];
  finish(outputs: Readonly<Record<string, Value>>): Program;
}

export function createProgramBuilder(name: string, mode: 'train' | 'infer'): ProgramBuilder {
  const values: Value[] = [];
  const inputs: ProgramInput[] = [];
  const variables = new Map<string, ProgramVariable>();
  const operations: Operation[] = [];
  let phase: Phase = 'forward';

  const addValue = (shape: readonly number[], dtype: Value['dtype']): Value => {
    const value = { id: values.length, shape, dtype };
    values.push(value);
    return value;
  };
  const emitted = new Map<string, readonly Value[]>();
  const emitAll: ProgramBuilder['emitAll'] = (kind, operands, attributes) => {
    // Primitives are pure: what was computed once is not computed again.
    const key = `${kind} ${operands.map(({ id }) => id)} ${JSON.stringify(attributes)}`;
    const known = emitted.get(key);
    if (known && known.length > 0) return known;
    const outputs = primitiveOf(kind)
      .outputs(operands, attributes)
      .map(({ shape, dtype }) => addValue(shape, dtype));
    const ids = (list: readonly Value[]): number[] => list.map(({ id }) => id);
    emitted.set(key, outputs);
    operations.push({ kind, inputs: ids(operands), outputs: ids(outputs), attributes, phase } as Operation);
    return outputs;
  };

  return {
    mode,
    operations,
    values,
    get variables() {
      return [...variables.values()];
    },
    enter(next) {
      phase = next;
    },
    input(inputName, shape, dtype = 'float32') {
      const value = addValue(shape, dtype);
      inputs.push({ name: inputName, value: value.id });
      return value;
    },
    variable(spec) {
      const known = variables.get(spec.name);
      if (known?.value !== undefined) return values[known.value] as Value;
      const value = addValue(spec.shape, 'float32');
      variables.set(spec.name, { ...spec, value: value.id });
      return value;
    },
    slot(spec) {
      variables.set(spec.name, { ...spec, value: undefined });
    },
    emitAll,
    emit(kind, operands, attributes) {
      const [first] = emitAll(kind, operands, attributes);
      if (!first) throw new ArchitectureError(`The primitive ${kind} has no result.`);
      return first;
    },
    finish: (outputs) => ({
      name,
      values,
      inputs,
      variables: [...variables.values()],
      operations,
      outputs: Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, value.id])),
    }),
  };
}
