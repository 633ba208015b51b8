import type { Operation, Program } from '../../program/program.js';

/** An operation and the values that nobody reads after it. */
export interface Step {
  readonly operation: Operation;
  readonly dead: readonly number[];
}

/** The operations that some outputs and the program's updates need, in order. Values that are outputs are never dead. */
export function toSchedule(program: Program, outputs: readonly number[]): readonly Step[] {
  const needed = new Set(outputs);
  const steps: Step[] = [];
  for (const operation of [...program.operations].reverse()) {
    const isUpdate = operation.outputs.length === 0;
    if (!isUpdate && !operation.outputs.some((id) => needed.has(id))) continue;
    const touched = [...new Set([...operation.inputs, ...operation.outputs])];
    steps.push({ operation, dead: touched.filter((id) => !needed.has(id)) });
    for (const id of touched) needed.add(id);
  }
  return steps.reverse();
}
