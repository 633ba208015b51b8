import { z } from 'zod';

/** The fields that every node has, for its op's schema. */
export const nodeFields: { id: z.ZodType<string>; inputs: z.ZodType<readonly string[]> } = {
  id: z.string().min(1),
  inputs: z.array(z.string()).readonly(),
};

/** A count of at least one: channels, groups, classes. */
export const countField: z.ZodType<number> = z.int().positive();
