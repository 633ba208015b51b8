import type { LayerDensities } from '../density/layer-densities.js';

/** Layers that have lost all weights, by name. Tanaka et al. 2020, arXiv 2006.05467, §3, call it layer collapse. */
export function findCollapsed(densities: LayerDensities): readonly string[] {
  return [...densities].filter(([, density]) => density === 0).map(([id]) => id);
}

/** A sentence that names them; undefined where there are none. @param source what chose the weights. */
export function describeCollapse(source: string, collapsed: readonly string[]): string | undefined {
  if (collapsed.length === 0) return undefined;
  const layers = collapsed.length === 1 ? 'one layer' : `${collapsed.length} layers`;
  return `Layer collapse: ${source} leaves nothing of ${layers}, ${collapsed.join(', ')}. A higher density leaves more.`;
}
