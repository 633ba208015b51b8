import { z } from 'zod';
import { ModelFileError } from '../../core/errors.js';

/** The value as the schema gives it. @throws ModelFileError that begins with `what` and says where and why it does not fit. */
export function checkJson<T>(schema: z.ZodType<T>, json: unknown, what: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.length ? ` at "${issue.path.join('.')}"` : '';
  throw new ModelFileError(`${what} cannot be imported: ${issue?.message}${place}, but there is ${show(json, issue?.path ?? [])}.`);
}

/** A list whose items are looked at only if there are not too many: every one that does not fit costs memory. */
export function listOf<T>(item: z.ZodType<T>, most: number): z.ZodType<readonly T[]> {
  return z.array(z.unknown()).max(most).pipe(z.array(item)) as unknown as z.ZodType<readonly T[]>;
}

function show(json: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], json);
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value !== null && typeof value === 'object' ? 'an object' : String(JSON.stringify(value)).slice(0, 80);
}
