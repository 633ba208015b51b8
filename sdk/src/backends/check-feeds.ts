import { UsageError } from '../core/errors.js';
import type { Program } from '../program/program.js';
import type { Feeds } from './backend.js';

/**
 * The batch size that the feeds of a program imply; 1 where no input has a batch.
 * @throws UsageError for a feed that is missing, unknown or of the wrong length.
 */
export function checkFeeds(program: Program, feeds: Feeds): number {
  const names = program.inputs.map(({ name }) => name);
  const unknown = Object.keys(feeds).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`Program "${program.name}" has no input "${unknown}". Its inputs are: ${names.join(', ')}.`);
  let batch: number | undefined;
  for (const { name, value } of program.inputs) {
    const feed = feeds[name];
    const shape = program.values[value]?.shape ?? [];
    if (feed === undefined) throw new UsageError(`Program "${program.name}" needs a value for its input "${name}" [${shape.join('x')}].`);
    const length = typeof feed === 'number' ? 1 : feed.length;
    const perImage = shape.reduce((size, extent) => size * (extent < 0 ? 1 : extent), 1);
    const implied = shape.some((extent) => extent < 0) ? length / perImage : undefined;
    const fits = implied === undefined ? length === perImage : Number.isInteger(implied) && implied > 0 && implied === (batch ?? implied);
    if (!fits) {
      throw new UsageError(
        `Input "${name}" of program "${program.name}" has ${length} values, but its shape is [${shape.join('x')}]` +
          (batch === undefined ? '.' : ` at a batch of ${batch}.`),
      );
    }
    batch = implied ?? batch;
  }
  return batch ?? 1;
}
