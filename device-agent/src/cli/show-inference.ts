import { formatMs, formatSignificant } from '@precrop/sdk/core/units';
import { findFastest, type InferenceDocument, type InferenceRow, layersName } from '../bench/inference-document.js';
import { formatInteger, formatTimes } from '../report/format.js';
import { toTextTable, wrapText } from './text-table.js';

/** The measurement in words: a table a batch, what was left out and why, and who is fastest. */
export function toInferenceText({ conditions, results, verdict, reasons }: InferenceDocument, width: number): string {
  const batches = [...new Set(results.map(({ batch }) => batch))];
  const tables = batches.map((batch) => `Batch ${batch}\n${toBatchTable(batch, results, width)}`);
  const words = [
    ...batches.flatMap((batch) => findFastest(results, batch) ?? []).map(praise),
    `Measured on ${conditions.device}, power: ${conditions.power}. The bound is the time of the multiplications alone at the rate of large matrix products.`,
  ];
  const notes = [...toLeftOut(results), ...(verdict === 'valid' ? [] : [`The numbers are ${verdict}:`, ...reasons])];
  return [...tables, ...[words, notes].filter(({ length }) => length > 0).map((lines) => toLines(lines, width))].join('\n\n');
}

/** A line that does not end in a colon stands under the one that does. */
function toLines(lines: readonly string[], width: number): string {
  let indent = '';
  return lines
    .map((line) => {
      if (line.endsWith(':')) indent = '';
      const text = wrapText(line, width, indent);
      if (line.endsWith(':')) indent = '  ';
      return text;
    })
    .join('\n');
}

const marks = { valid: '', noisy: ' ~', invalid: ' !' } as const;

function toBatchTable(batch: number, rows: readonly InferenceRow[], width: number): string {
  const fastest = findFastest(rows, batch);
  const measured = rows
    .filter((row) => row.batch === batch && row.medianMs !== null)
    .toSorted((a, b) => (a.medianMs ?? 0) - (b.medianMs ?? 0));
  if (measured.length === 0) return 'Nothing could be measured.';
  return toTextTable(
    [
      { title: '' },
      { title: 'runtime', least: 10 },
      { title: 'threads', align: 'right' },
      { title: 'median', align: 'right' },
      { title: 'p95', align: 'right' },
      { title: 'images/s', align: 'right' },
      { title: 'x bound', align: 'right' },
      { title: `over ${layersName}`, align: 'right' },
      { title: '' },
    ],
    measured.map((row) => [
      row === fastest ? '▸' : '',
      `${row.runtime}${marks[row.verdict]}`,
      String(row.threads),
      formatMs(row.medianMs ?? 0),
      formatMs(row.p95Ms ?? 0),
      formatRate(row.imagesPerSecond ?? 0),
      row.timesBound === null ? '-' : formatTimes(row.timesBound),
      row.speedupOverTfjsLayers === null ? '-' : `${formatSignificant(row.speedupOverTfjsLayers)}x`,
      toBar((row.imagesPerSecond ?? 0) / Math.max(...measured.map(({ imagesPerSecond }) => imagesPerSecond ?? 0))),
    ]),
    width,
  );
}

function praise({ batch, runtime, threads, medianMs, timesBound, speedupOverTfjsLayers }: InferenceRow): string {
  const comparisons = [
    ...(speedupOverTfjsLayers === null ? [] : [`${formatTimes(speedupOverTfjsLayers)} as fast as ${layersName}`]),
    ...(timesBound === null ? [] : [`${formatTimes(timesBound)} the bound`]),
  ];
  return `Batch ${batch}: fastest is ${runtime} on ${toThreads(threads)}, ${formatMs(medianMs ?? 0)}${comparisons.length > 0 ? `, ${comparisons.join(', ')}` : ''}.`;
}

/** What was not measured: of a runtime that never ran a line, of others one a setting. */
function toLeftOut(rows: readonly InferenceRow[]): readonly string[] {
  const leftOut = rows.filter(({ medianMs }) => medianMs === null);
  const lines = leftOut.map(({ runtime, batch, threads, reasons }) => {
    const never = rows.every((row) => row.runtime !== runtime || row.reasons.join() === reasons.join());
    return `${runtime}${never ? '' : `, batch ${batch}, ${toThreads(threads)}`}: ${reasons.join(' ')}`;
  });
  return leftOut.length === 0 ? [] : ['Not measured:', ...new Set(lines)];
}

function toThreads(count: number): string {
  return `${count} ${count === 1 ? 'thread' : 'threads'}`;
}

function formatRate(imagesPerSecond: number): string {
  return imagesPerSecond >= 100 ? formatInteger(imagesPerSecond) : formatSignificant(imagesPerSecond);
}

/** As long as its share of the fastest. */
function toBar(share: number, width = 16): string {
  return '█'.repeat(Math.max(1, Math.round(share * width)));
}
