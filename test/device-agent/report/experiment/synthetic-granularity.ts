import type { CellResult } from '@precrop/device-agent/experiment/cell-result';
import { toCells } from '@precrop/device-agent/experiment/granularity-cells';
import { type GranularityReport, toGranularityFindings } from '@precrop/device-agent/report/experiment/granularity-report';
import { syntheticAxes, syntheticResults, syntheticSetting } from '../../experiment/synthetic-results.js';

/** SYNTHETIC: nothing was trained. The crop is two points worse, shuffling does nothing. */
export const clearResults: readonly CellResult[] = syntheticResults({ crop: -0.02 });

export function syntheticGranularityReport(results: readonly CellResult[] = clearResults): GranularityReport {
  return {
    schemaVersion: 1,
    command: 'experiment granularity',
    conditions: {
      device: 'a synthetic test device',
      runtime: 'auto',
      runtimeUsed: 'tensorflow-graph',
      batch: 128,
      power: 'mains',
      versions: { node: '20.20.2' },
      startedAt: '2030-01-02T03:04:05.000Z',
    },
    ...toGranularityFindings(syntheticSetting, results, toCells(syntheticAxes)),
  };
}
