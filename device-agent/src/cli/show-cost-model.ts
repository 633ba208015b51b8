import { formatPercent } from '@precrop/sdk/core/units';
import {
  type CostKind,
  type CostModelDocument,
  type CostModelRow,
  costKinds,
  describeDrift,
  toCoverage,
} from '../bench/cost-model-document.js';
import { median, quantile } from '../measure/statistics.js';
import { toTextTable, wrapText } from './text-table.js';

const titles: Readonly<Record<CostKind, string>> = { latency: 'inference', step: 'training step', memory: 'peak memory' };

/** How far off the profile was, a line for each kind of cost, network and batch. */
export function toCostModelText({ conditions, results, summary, verdict, reasons }: CostModelDocument, width: number): string {
  const table = toTextTable(
    [
      { title: '', least: 12 },
      { title: 'network', least: 12 },
      { title: 'batch', align: 'right' },
      { title: 'measured', align: 'right' },
      { title: 'off by (median)', align: 'right' },
      { title: '(90 %)', align: 'right' },
      { title: 'within the bar', align: 'right' },
    ],
    [true, false].flatMap((isAligned) => costKinds.flatMap((kind) => toRows(kind, isAligned, results))),
    width,
  );
  const words = [
    `Error bars say that they hold the truth in ${formatPercent(summary.statedCoverage, 0)} of all cases; they did in ${toShare(summary.coverage)}.`,
    ...toDriftWords('Inference', summary.latencyDrift, summary.latencyMedianErrorAtSpeed),
    ...toDriftWords('Training steps', summary.stepDrift, summary.stepMedianErrorAtSpeed),
    `Measured on ${conditions.device}, power: ${conditions.power}. None of these networks was part of the profile.`,
    ...(verdict === 'valid' ? [] : [`The numbers are ${verdict}:`, ...reasons]),
  ];
  return [table, '', ...words.map((line) => wrapText(line, width))].join('\n');
}

function toDriftWords(what: string, drift: number | null, error: number | null): readonly string[] {
  if (drift === null || error === null) return [];
  return [`${describeDrift(what, drift)}; without that, predictions are off by ${formatPercent(error)} in the median.`];
}

function toRows(kind: CostKind, isAligned: boolean, results: readonly CostModelRow[]): readonly (readonly string[])[] {
  const own = results.filter((row) => row.kind === kind && row.isAligned === isAligned && row.verdict !== 'invalid');
  if (own.length === 0) return [];
  const title = `${titles[kind]}${isAligned ? '' : ', not aligned'}`;
  const cells = new Map<string, CostModelRow[]>();
  for (const row of own) cells.set(`${row.network} ${row.batch}`, [...(cells.get(`${row.network} ${row.batch}`) ?? []), row]);
  return [
    [title, 'all', '', ...toFigures(own)],
    ...(isAligned ? [...cells.values()].map((rows) => ['', rows[0]?.network ?? '', `${rows[0]?.batch}`, ...toFigures(rows)]) : []),
  ];
}

function toFigures(rows: readonly CostModelRow[]): readonly string[] {
  const errors = rows.map(({ error }) => Math.abs(error));
  return [`${rows.length}`, formatPercent(median(errors)), formatPercent(quantile(errors, 0.9)), toShare(toCoverage(rows))];
}

function toShare(share: number | null): string {
  return share === null ? '-' : formatPercent(share, 0);
}
