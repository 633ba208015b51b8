import { formatBytes, formatCount, formatMs, formatPercent } from '@precrop/sdk/core/units';
import type { Measurement } from '../../measure/measurement.js';
import { formatShare } from '../format.js';
import { escapeHtml, typeset } from '../markup.js';
import type { ComparedNetwork, NetworkComparison } from './comparison.js';
import { toMark } from './page-mark.js';
import { formatAccuracy } from './text-table.js';

/** Every network with every number; what is compared at equal parameters and what at equal MACs stand under headings of their own. */
export function toCompareTable({ setting, results }: NetworkComparison): string {
  const { density, batches } = setting;
  const groups: readonly (readonly [heading: string, rows: readonly ComparedNetwork[]])[] = [
    ['The original', results.filter(({ kind }) => kind === 'original')],
    ['Crops with as many parameters as the sparse networks', results.filter(({ equal }) => equal === 'params')],
    ['Crops with as many MACs as the sparse network of the same name', results.filter(({ equal }) => equal === 'macs')],
    [`Sparse networks: ${formatShare(density)} of the weights, the others are zeros`, results.filter(({ kind }) => kind === 'sparse')],
  ];
  const columns: readonly (readonly [title: string, note: string])[] = [
    ['Parameters', 'left'],
    ['MACs', 'left'],
    ['Accuracy', results.some(({ accuracy }) => accuracy.deviation !== null) ? 'mean ± deviation' : 'one seed'],
    ...batches.map((batch) => [`Batch ${batch}`, 'fastest runtime'] as const),
    ['Step', `training, ${results[0]?.trainStep.batch ?? ''} images`],
    ['Memory', 'training, peak'],
    ['On disk', 'smallest file'],
  ];
  const head = columns.map(([title, note]) => `<th scope="col">${typeset(title)}<small>${typeset(note)}</small></th>`).join('');
  const body = groups
    .filter(([, rows]) => rows.length > 0)
    .map(([heading, rows]) => {
      const title = `<tr class="heading"><th scope="rowgroup" colspan="${columns.length + 1}"><span>${typeset(heading)}</span></th></tr>`;
      return `<tbody>${title}${rows.map((each) => toRow(each, results[0] ?? each, batches)).join('')}</tbody>`;
    });
  return `<div class="scroll wide"><table><thead><tr><th scope="col">Network</th>${head}</tr></thead>${body.join('')}</table></div>`;
}

function toRow(network: ComparedNetwork, original: ComparedNetwork, batches: readonly number[]): string {
  const { kind, source, params, macs, trainings, inference, trainStep, peakRssBytes, disk } = network;
  const range = trainings.length > 1 ? `${(100 * network.accuracy.least).toFixed(1)} to ${formatPercent(network.accuracy.most)}` : '';
  const cells = [
    toCell(formatCount(params), formatShare(params / original.params)),
    toCell(formatCount(macs), formatShare(macs / original.macs)),
    toCell(formatAccuracy(network), range),
    ...batches.map((batch) => toTimeCell(inference.find((each) => each.batch === batch))),
    toTimeCell(trainStep, []),
    toCell(formatBytes(peakRssBytes.value), `${formatBytes(peakRssBytes.value - peakRssBytes.baselineBytes)} added`),
    toCell(formatBytes(disk.bytes), disk.format),
  ];
  return `<tr><th scope="row">${toMark(kind)}${escapeHtml(source ?? kind)}</th>${cells.join('')}</tr>`;
}

function toCell(value: string, note: string): string {
  return `<td>${typeset(value)}${note === '' ? '' : `<small>${typeset(note)}</small>`}</td>`;
}

/** The median; below it what ran it, where that is asked for. */
function toTimeCell(time: Measurement | undefined, notes: readonly string[] = time ? [time.runtime, toThreads(time.threads)] : []): string {
  if (!time) return '<td>–<small>nothing ran</small></td>';
  const doubt = time.verdict === 'valid' ? '' : ` <span class="doubt">${time.verdict}</span>`;
  return `<td>${typeset(formatMs(time.median))}${doubt}${notes.map((note) => `<small>${typeset(note)}</small>`).join('')}</td>`;
}

function toThreads(count: number): string {
  return `${count} ${count === 1 ? 'thread' : 'threads'}`;
}
