import type { NetworkComparison } from './comparison.js';
export function toComparePage(report: NetworkComparison): string {
  return report.headline;
}
