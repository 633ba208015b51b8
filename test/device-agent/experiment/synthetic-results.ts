import type { CellResult } from '@precrop/device-agent/experiment/cell-result';
import type { ExperimentSetting } from '@precrop/device-agent/experiment/experiment-setting';
import { type Cell, type GranularityAxes, nameCell, toCells } from '@precrop/device-agent/experiment/granularity-cells';
import { createRng } from '@precrop/sdk/core/rng';

/** SYNTHETIC: every number here is made up for the tests. Nothing was trained. */
export const syntheticSetting: ExperimentSetting = {
  schemaVersion: 1,
  kind: 'granularity',
  architecture: 'resnet-20',
  dataset: { name: 'synthetic', seed: 0 },
  recipe: {
    epochs: 2,
    batch: 128,
    optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    schedule: { kind: 'one-cycle', peak: 0.4, warmup: 0.2, initialDivisor: 10, finalDivisor: 1000 },
    labelSmoothing: 0,
    augment: 'none',
  },
  backend: 'tensorflow-graph',
  align: 4,
};

export const syntheticAxes: GranularityAxes = {
  sources: ['synflow', 'erk'],
  densities: [0.2, 0.1],
  realisations: ['unstructured', 'shuffled', 'crop'],
  seeds: 3,
};

const record = { trainLoss: 1, trainAccuracy: 0.5, testLoss: 1, learningRate: 0.1, trainSeconds: 4, evaluateSeconds: 1 };

export function syntheticResult(cell: Cell, accuracy: number): CellResult {
  return {
    cell,
    startedAt: '2030-01-02T03:04:05.000Z',
    threads: 1,
    kept: { weights: cell.density, macs: cell.density * (cell.realisation === 'crop' ? 1.9 : 2) },
    densities: cell.realisation === 'original' || cell.realisation === 'crop' ? {} : { stem: 1, head: cell.density },
    records: [
      { ...record, epoch: 0, testAccuracy: accuracy / 2 },
      { ...record, epoch: 1, testAccuracy: accuracy },
    ],
    accuracy,
    loss: 1,
    seconds: 8,
    baselineRssBytes: 1e8,
    peakRssBytes: 2e8,
  };
}

/** A result a cell: what its kind is worth, and about ±0.2 points that come of its name. */
export function syntheticResults(effects: Readonly<Record<string, number>>, axes: GranularityAxes = syntheticAxes): readonly CellResult[] {
  return toCells(axes).map((cell) => {
    const chance = 0.002 * createRng(1).fork(nameCell(cell)).normal();
    const level = cell.realisation === 'original' ? 0.8 : 0.7 + 0.2 * cell.density + (effects[cell.realisation] ?? 0);
    return syntheticResult(cell, Math.round(1e4 * (level + chance)) / 1e4);
  });
}
