import type { Contender } from './contender.js';

/** "synexp crop, equal parameters", "synflow, unstructured zeros": a contender in words. */
export function nameContender({ kind, source, equal }: Pick<Contender, 'kind' | 'source' | 'equal'>): string {
  if (kind === 'original') return 'original';
  if (kind === 'sparse') return `${source} sparse`;
  return `${source} crop, equal ${equal === 'params' ? 'parameters' : 'MACs'}`;
}
