import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import type { SparseDocument, SparseSummary } from '../bench/sparse-document.js';
import { denseRuntime, findFastest, type SparseChainRow, type SparseNetworkRow } from '../bench/sparse-rows.js';
import { formatTimes } from '../report/format.js';
import { toTextTable, wrapText } from './text-table.js';

const indent = '  ';

interface Asked {
  readonly source: string;
  readonly exportPath?: string | undefined;
}

/** The measurement in words: a table a batch, one of layers, who is fastest, and what was left out and why. */
export function toSparseText({ conditions, summary, results, verdict, reasons }: SparseDocument, asked: Asked, width: number): string {
  const networks = results.filter((row) => row.kind === 'network');
  const layers = results.filter((row) => row.kind === 'layers');
  const batches = [...new Set(networks.map(({ batch }) => batch))];
  const words = [
    ...batches.flatMap((batch) => compare(batch, networks, summary)),
    ...describeLayers(summary),
    `${asked.source} chose the weights: ${formatPercent(summary.density)} stay, effective density ${formatPercent(summary.effectiveDensity)}. Measured on ${conditions.device}, power: ${conditions.power}.`,
    ...(asked.exportPath === undefined ? [] : [`Written as it was timed: ${asked.exportPath}`]),
  ];
  const notes = [
    ...new Set(networks.flatMap(({ note }) => note ?? [])),
    ...[...networks, ...layers].filter(({ medianMs }) => medianMs === null).map(leftOut),
    ...(verdict === 'valid' ? [] : [`The numbers are ${verdict}:`, ...reasons.map((reason) => indent + reason)]),
  ];
  return [
    ...batches.map((batch) => `Batch ${batch}\n${toNetworkTable(batch, networks, width)}`),
    `Single layers, batch ${layers[0]?.batch ?? 0}\n${toLayerTable(layers, width)}`,
    ...[words, notes]
      .filter(({ length }) => length > 0)
      .map((lines) =>
        lines.map((line) => (line.startsWith(indent) ? wrapText(line.trimStart(), width, indent) : wrapText(line, width))).join('\n'),
      ),
  ].join('\n\n');
}

const marks = { valid: '', noisy: ' ~', invalid: ' !' } as const;

function toNetworkTable(batch: number, rows: readonly SparseNetworkRow[], width: number): string {
  const { sparse, dense } = findFastest(rows, batch);
  const measured = rows
    .filter((row) => row.batch === batch && row.medianMs !== null)
    .toSorted((a, b) => (a.medianMs ?? 0) - (b.medianMs ?? 0));
  if (measured.length === 0) return 'Nothing could be measured.';
  return toTextTable(
    [
      { title: '' },
      { title: 'runtime', least: 10 },
      { title: 'zeros' },
      { title: 'threads', align: 'right' },
      { title: 'median', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'GFLOP/s of non-zero work', align: 'right' },
    ],
    measured.map((row) => [
      row === sparse || row === dense ? '▸' : '',
      `${row.runtime}${marks[row.verdict]}`,
      row.skipsZeros ? 'left out' : 'multiplied by',
      String(row.threads),
      formatMs(row.medianMs ?? 0),
      formatMs(row.p95Ms ?? 0),
      (row.gflops ?? 0).toFixed(1),
    ]),
    width,
  );
}

function toLayerTable(rows: readonly SparseChainRow[], width: number): string {
  return toTextTable(
    [
      { title: 'layers', least: 12 },
      { title: 'runtime', least: 10 },
      { title: 'threads', align: 'right' },
      { title: 'median', align: 'right' },
      { title: 'GFLOP/s of non-zero work', align: 'right' },
    ],
    rows
      .filter(({ medianMs }) => medianMs !== null)
      .map(({ shape, runtime, threads, medianMs, gflops, verdict }) => [
        shape,
        `${runtime}${marks[verdict]}`,
        String(threads),
        formatMs(medianMs ?? 0),
        (gflops ?? 0).toFixed(1),
      ]),
    width,
  );
}

function compare(batch: number, rows: readonly SparseNetworkRow[], summary: SparseSummary): readonly string[] {
  const { sparse, dense } = findFastest(rows, batch);
  if (!sparse) return [];
  const speedup = summary[`sparseSpeedupAt${batch}`];
  const against =
    dense && typeof speedup === 'number'
      ? `, ${formatTimes(speedup)} as fast as the dense ${denseRuntime} on ${toThreads(dense.threads)}`
      : '';
  return [
    `Batch ${batch}: the fastest sparse runtime is ${sparse.runtime} on ${toThreads(sparse.threads)}, ${formatMs(sparse.medianMs ?? 0)}${against}.`,
  ];
}

function describeLayers({ gflopsPerThread, mulAddGflopsPerThread, twoThreadScaling }: SparseSummary): readonly string[] {
  if (gflopsPerThread === null) return [];
  const bound = `a plain loop of multiplications and additions reaches ${mulAddGflopsPerThread.toFixed(1)}`;
  const scaling = twoThreadScaling === null ? '' : ` Two threads are ${formatTimes(twoThreadScaling)} as fast.`;
  return [
    `Our engine does ${gflopsPerThread.toFixed(1)} GFLOP/s of non-zero work in 3x3 layers on one thread by the fastest calls, where ${bound}.${scaling}`,
  ];
}

function leftOut(row: SparseNetworkRow | SparseChainRow): string {
  const where = row.kind === 'layers' ? row.shape : `batch ${row.batch}`;
  return `Not measured: ${row.runtime}, ${where}, ${toThreads(row.threads)}: ${row.reasons.join(' ')}`;
}

function toThreads(count: number): string {
  return `${count} ${count === 1 ? 'thread' : 'threads'}`;
}
