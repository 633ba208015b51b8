import type { MemoryDescription } from '../protocol/host-description.js';

/** What is known of the memory, in bytes; null where the system does not tell. */
export interface MemoryFacts {
  readonly totalBytes: number;
  /** Of the whole machine. */
  readonly availableBytes: number;
  /** Of the control groups, with what is left of it. */
  readonly groupBytes: number | null;
  readonly groupLeftBytes: number | null;
  /** Node's own reading of the limit; 0 or more than there is for none. */
  readonly constrainedBytes: number;
}

/** What this process may plan with. A limit above what the machine has is none. */
export function toMemory({ totalBytes, availableBytes, groupBytes, groupLeftBytes, constrainedBytes }: MemoryFacts): MemoryDescription {
  const limit = Math.min(groupBytes ?? Number.POSITIVE_INFINITY, constrainedBytes || Number.POSITIVE_INFINITY);
  const limitBytes = limit < totalBytes ? limit : null;
  const available = Math.min(
    availableBytes,
    totalBytes,
    groupLeftBytes ?? Number.POSITIVE_INFINITY,
    limitBytes ?? Number.POSITIVE_INFINITY,
  );
  return { totalBytes, availableBytes: available, limitBytes, budgetBytes: Math.min(totalBytes, available, limitBytes ?? totalBytes) };
}
