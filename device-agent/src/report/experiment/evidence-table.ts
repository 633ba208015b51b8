import { formatPercent } from '@precrop/sdk/core/units';
import type { CellGroup } from '../../experiment/cell-groups.js';
import { realisations } from '../../experiment/granularity-cells.js';
import { formatInteger, formatShare } from '../format.js';
import { formatInterval, formatSigned } from './format-difference.js';
import { describeControls, describePooled, listTested } from './granularity-conclusion.js';
import type { GranularityFindings } from './granularity-report.js';
import { granularityHeader, toGranularityRows } from './granularity-table.js';
import { realisationWords } from './realisation-words.js';

/** An experiment in a few lines of Markdown, for a reader who wants to know whether the claim holds. @param link leads to the whole. */
export function toEvidenceTable(findings: GranularityFindings, link: string): string {
  const { setting, results, pooled, missing } = findings;
  const original = results.find(({ realisation }) => realisation === 'original');
  const trained = results.reduce((sum, { trainings }) => sum + trainings.length, 0);
  const { dataset, recipe } = setting;
  const images = dataset.trainImages === undefined ? 'all images' : `${formatInteger(dataset.trainImages)} images`;
  const state =
    missing.length === 0 ? `${trained} trainings` : `**unfinished, ${trained} of ${trained + missing.length} trainings are there**`;
  const reached = original ? `; the original reaches ${toAccuracy(original)}` : '';
  const shown = realisations.filter((realisation) => results.some((group) => group.realisation === realisation));
  const compared = shown.filter((realisation) => results.some((group) => group.realisation === realisation && group.difference));
  const places = [...new Map(results.filter(({ source }) => source !== undefined).map((group) => [placeOf(group), group])).values()];
  const groupAt = (place: CellGroup, realisation: string): CellGroup | undefined =>
    results.find((group) => placeOf(group) === placeOf(place) && group.realisation === realisation);
  const rows = [
    [
      'densities of',
      ...shown.map((each) => realisationWords[each]),
      ...compared.map((each) => `${realisationWords[each]}: difference, points`),
    ],
    Array(1 + shown.length + compared.length).fill('---'),
    ...places.map((place) => [
      placeOf(place),
      ...shown.map((each) => toAccuracy(groupAt(place, each))),
      ...compared.map((each) => toDifference(groupAt(place, each))),
    ]),
  ];
  return [
    `${setting.architecture} on ${dataset.name}, ${recipe.epochs} epochs on ${images} ([trainings, recipe, command](${link})): ${state}${reached}. Accuracy on the test images, ± standard deviation over seeds; differences to single weights of the same seed, with 95 % intervals.`,
    '',
    ...rows.map(toLine),
    '',
    ...[...listTested(pooled).map(describePooled), ...describeControls(pooled)].map((sentence) => `- ${sentence}`),
  ].join('\n');
}

/** Every number and every sentence, as Markdown. */
export function toEvidenceDetails({ results, reasons, conclusion }: GranularityFindings): string {
  const keys = Object.keys(granularityHeader) as (keyof typeof granularityHeader)[];
  return [
    toLine(keys.map((key) => granularityHeader[key])),
    toLine(keys.map((key) => (key === 'where' || key === 'realisation' ? '---' : '---:'))),
    ...toGranularityRows(results).map((row) => toLine(keys.map((key) => row[key]))),
    '',
    ...[...reasons, ...conclusion].map((sentence) => `- ${sentence}`),
  ].join('\n');
}

function placeOf({ source, density }: CellGroup): string {
  return `${source} at ${formatShare(density)}`;
}

function toAccuracy(group: CellGroup | undefined): string {
  if (!group) return 'missing';
  const { accuracy, trainings } = group;
  return accuracy.deviation === null
    ? `${formatPercent(accuracy.mean, 2)} (one seed)`
    : `${formatPercent(accuracy.mean, 2).replace(' %', '')} ± ${formatPercent(accuracy.deviation, 2)} (${trainings.length} seeds)`;
}

function toDifference(group: CellGroup | undefined): string {
  const difference = group?.difference;
  if (!difference) return 'missing';
  return `${formatSigned(difference.mean, 2)} (${formatInterval(difference, 2, 'one seed: no interval')})`;
}

function toLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
