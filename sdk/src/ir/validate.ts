import { z } from 'zod';
import { ArchitectureError } from '../core/errors.js';
import { type Architecture, inputId } from './architecture.js';
import { findOp, opKinds } from './ops.js';
import { toShapedNodes } from './shapes.js';

const side = z.int().positive();
const frame = z.strictObject({
  name: z.string().min(1),
  input: z.tuple([side, side, side]),
  classes: side,
  nodes: z.array(z.looseObject({ id: z.string().min(1), op: z.string(), inputs: z.array(z.string()) })),
  output: z.string(),
});

/**
 * An architecture from JSON that came from outside.
 * @throws ArchitectureError that names the node and the rule it breaks.
 */
export function parseArchitecture(json: unknown): Architecture {
  const result = frame.safeParse(json);
  if (!result.success) throw new ArchitectureError(`This is no architecture: ${describeIssue(result.error)}.`);
  for (const node of result.data.nodes) {
    const spec = findOp(node.op);
    if (!spec) throw new ArchitectureError(`Node "${node.id}" has the unknown op "${node.op}". Known ops: ${opKinds.join(', ')}.`);
    const fields = spec.schema.safeParse(node);
    if (!fields.success) throw new ArchitectureError(`Node "${node.id}" (${node.op}) is not valid: ${describeIssue(fields.error)}.`);
  }
  const architecture = result.data as unknown as Architecture;
  validateArchitecture(architecture);
  return architecture;
}

/** @throws ArchitectureError that names the node and the rule it breaks. */
export function validateArchitecture(architecture: Architecture): void {
  const known = new Set([inputId]);
  for (const node of architecture.nodes) {
    const { arity } = findOp(node.op) ?? { arity: { least: 0, most: 0 } };
    if (known.has(node.id))
      throw new ArchitectureError(`Two nodes are called "${node.id}". Ids must differ, and "${inputId}" is the image.`);
    if (node.inputs.length < arity.least || node.inputs.length > arity.most) {
      const wanted = arity.least === arity.most ? arity.least : `at least ${arity.least}`;
      throw new ArchitectureError(`Node "${node.id}" (${node.op}) has ${node.inputs.length} inputs, but takes ${wanted}.`);
    }
    for (const input of node.inputs) {
      if (!known.has(input)) {
        throw new ArchitectureError(
          `Node "${node.id}" reads "${input}", which no earlier node writes. Put it before its reader, or correct the id.`,
        );
      }
    }
    known.add(node.id);
  }
  if (!known.has(architecture.output))
    throw new ArchitectureError(`The output "${architecture.output}" is no node of ${architecture.name}.`);
  const output = toShapedNodes(architecture).find(({ node }) => node.id === architecture.output)?.output ?? [];
  if (output.join() !== String(architecture.classes)) {
    throw new ArchitectureError(
      `The output "${architecture.output}" has shape ${output.join('x')}, but ${architecture.name} has ${architecture.classes} classes: it must be a vector of one logit a class.`,
    );
  }
}

function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'unknown'}`;
}
