import { formatPercent } from '@precrop/sdk/core/units';
import type { CellGroup } from '../../experiment/cell-groups.js';
import type { ExperimentSetting } from '../../experiment/experiment-setting.js';
import { certaintyOf, type GranularityAnalysis, type PooledDifference } from '../../experiment/granularity-analysis.js';
import { realisations } from '../../experiment/granularity-cells.js';
import { excludesZero, resolutionOf } from '../../measure/mean-interval.js';
import { median } from '../../measure/statistics.js';
import { formatInteger, formatPoints, formatShare } from '../format.js';
import { formatChange, formatInterval, formatSigned } from './format-difference.js';
import { realisationSubjects, realisationWords } from './realisation-words.js';

interface Findings extends GranularityAnalysis {
  readonly setting: ExperimentSetting;
  readonly trainings: number;
}

/** Plain sentences. Where no difference was found they say how large a one may have been missed, and never that there is none. */
export function toGranularityConclusion(findings: Findings): readonly string[] {
  const { pooled } = findings;
  const tested = listTested(pooled);
  return [
    ...(tested.length === 0 ? ['No training has its unstructured partner yet, so nothing can be compared.'] : tested.map(describePooled)),
    ...describeControls(pooled),
    ...describeOneByOne(findings.groups),
    ...describeSizes(findings.groups),
    ...describeSameNetworks(findings.groups),
    describeTraining(findings),
    ...(findings.missing.length > 0
      ? [
          `${findings.missing.length} of ${findings.missing.length + findings.trainings} trainings are still missing: all this may change with them.`,
        ]
      : []),
  ];
}

/** The finding in a dozen words: of the crop, and of one other realisation. */
export function toGranularityHeadline(pooled: readonly PooledDifference[]): string {
  const words = listTested(pooled)
    .slice(0, 2)
    .map((each) => {
      const name = realisationWords[each.realisation];
      const difference = `${formatPoints(each.byPair.mean)} ${each.byPair.mean < 0 ? 'below' : 'above'} single weights`;
      return {
        sure: `${name} ${difference}`,
        likely: `${name} likely ${difference}`,
        unseen: `${name}: no difference above ${formatPoints(largestOf(each))} found`,
        unrepeated: `${name}: one seed says nothing yet`,
      }[certaintyOf(each)];
    });
  if (words.length === 0) return 'Nothing to compare yet';
  return pooled.every((each) => certaintyOf(each) === 'unrepeated')
    ? 'One seed so far: nothing can be concluded yet'
    : capitalise(words.join('; '));
}

/** What was tested, the crop first: it is what this is about. */
export function listTested(pooled: readonly PooledDifference[]): readonly PooledDifference[] {
  const tested = pooled.filter(({ isControl }) => !isControl);
  return [...tested.filter(({ realisation }) => realisation === 'crop'), ...tested.filter(({ realisation }) => realisation !== 'crop')];
}

/** One realisation against zeros in single weights, in a sentence that claims no more than its intervals do. */
export function describePooled(difference: PooledDifference): string {
  const { realisation, byPair, bySeed, groups } = difference;
  const subject = realisationSubjects[realisation];
  const [first] = groups;
  const over =
    groups.length === 1 && first
      ? `${first.source} at ${formatShare(first.density)}`
      : `${groups.length} combinations of source and density`;
  const pairs = byPair.count === 1 ? 'one pair' : `${byPair.count} pairs`;
  const seeds =
    bySeed && bySeed.low !== null && groups.length > 1 ? `; ${formatInterval(bySeed, 2)} counting its ${bySeed.count} seeds alone` : '';
  const interval = `95 % interval ${formatInterval(byPair, 2)} counting ${pairs}${seeds}`;
  const change = `${formatChange(byPair.mean)} than zeros in single weights, over ${over} (${interval})`;
  switch (certaintyOf(difference)) {
    case 'sure':
      return `${subject} is ${change}.`;
    case 'likely':
      return `${subject} is likely ${change}. ${bySeed?.low == null ? 'Too few seeds are whole to be counted alone' : 'One way of counting leaves zero inside'}, so this is not certain.`;
    case 'unseen':
      return (
        `${subject} shows no difference that chance does not explain: ${formatSigned(byPair.mean, 2)} points against zeros in single weights, ` +
        `over ${over} (${interval}). No difference larger than ${formatPoints(largestOf(difference))} was found; a smaller one may be there.`
      );
    case 'unrepeated':
      return `${subject} came out at ${formatSigned(byPair.mean, 2)} points against zeros in single weights, over ${over}, with one seed: whether that is chance, only more seeds can say.`;
  }
}

/** The end of the intervals that is farthest from zero. */
function largestOf({ byPair, bySeed }: PooledDifference): number {
  return Math.max(...[byPair, bySeed].flatMap((each) => [Math.abs(each?.low ?? 0), Math.abs(each?.high ?? 0)]));
}

/** How far chance alone goes, where that was seen. */
export function describeControls(pooled: readonly PooledDifference[]): readonly string[] {
  return pooled
    .filter(({ isControl }) => isControl)
    .map(({ realisation, byPair, groups }) => {
      const names = [...new Set(groups.map(({ source }) => source))].join(' and ');
      const spread = byPair.low === null ? '' : `, 95 % interval ${formatInterval(byPair, 2)}`;
      return `A check on chance: masks of ${names} are drawn at random anyway, so "${realisationWords[realisation]}" is but another draw there, and moved the accuracy by ${formatSigned(byPair.mean, 2)} points (${byPair.count === 1 ? 'one pair' : `${byPair.count} pairs`}${spread}).`;
    });
}

function describeOneByOne(groups: readonly CellGroup[]): readonly string[] {
  const differences = groups.flatMap(({ difference, ...group }) =>
    difference && difference.low !== null ? [{ ...group, difference }] : [],
  );
  if (differences.length < 2) return [];
  const counts = realisations.flatMap((realisation) => {
    const own = differences.filter((each) => each.realisation === realisation);
    const beyond = own.filter(({ difference }) => excludesZero(difference));
    return own.length === 0 ? [] : [`${beyond.length} of ${own.length} (${realisationWords[realisation]})`];
  });
  const resolution = median(differences.map(({ difference }) => resolutionOf(difference) ?? 0));
  return [
    `One by one, each combination against its own interval, a difference shows in ${counts.join(', ')}. One in twenty would by chance alone, ` +
      `and with so few seeds a combination by itself shows only differences above about ${formatPoints(resolution)}.`,
  ];
}

/** Widths are whole numbers, and a kernel is kept whole: what does not keep as much as its mask is not quite the same experiment. */
function describeSizes(groups: readonly CellGroup[]): readonly string[] {
  const ratios = groups.flatMap(({ source, density, realisation, kept }) => {
    const mask = groups.find((other) => other.source === source && other.density === density && other.realisation === 'unstructured');
    return mask && realisation !== 'unstructured'
      ? [{ realisation, weights: kept.weights / mask.kept.weights, macs: kept.macs / mask.kept.macs }]
      : [];
  });
  return [...new Set(ratios.map(({ realisation }) => realisation))].flatMap((realisation) => {
    const own = ratios.filter((each) => each.realisation === realisation);
    if (own.every(({ weights, macs }) => Math.max(Math.abs(weights - 1), Math.abs(macs - 1)) < 0.03)) return [];
    const range = (of: 'weights' | 'macs'): string => {
      const [low, high] = [Math.min, Math.max].map((pick) => pick(...own.map((each) => each[of])).toFixed(2));
      return low === high ? `${low}` : `${low} to ${high}`;
    };
    return [
      `"${capitalise(realisationWords[realisation])}" does not keep quite as much as the masks: ${range('weights')} times their weights and ${range('macs')} times their MACs that are not zero. A part of its difference may come from that.`,
    ];
  });
}

/** Layer densities of two sources may round to the same widths: then one training stands in two rows, and its pairs are less than two. */
function describeSameNetworks(groups: readonly CellGroup[]): readonly string[] {
  const crops = groups.filter(({ realisation }) => realisation === 'crop');
  const keyOf = ({ trainings, kept }: CellGroup): string => JSON.stringify([trainings, kept]);
  const alike = crops.filter((crop) => crops.some((other) => other !== crop && keyOf(other) === keyOf(crop)));
  if (alike.length === 0) return [];
  const names = alike.map(({ source, density }) => `${source} at ${formatShare(density)}`).join(', ');
  return [`Some crops are one and the same network, trained once and counted as often as it stands here: ${names}.`];
}

function describeTraining({ setting: { architecture, dataset, recipe }, original }: Findings): string {
  const { trainings = [], accuracy } = original ?? {};
  const spread = accuracy?.deviation == null ? '' : `, standard deviation ${formatPoints(accuracy.deviation)}`;
  const seeds = `${trainings.length} ${trainings.length === 1 ? 'seed' : 'seeds'}`;
  const reached = accuracy
    ? `The original (${architecture}) reaches ${formatPercent(accuracy.mean)} (${seeds}${spread})`
    : `The original (${architecture}) is not trained yet`;
  const images = dataset.trainImages === undefined ? 'all images' : `${formatInteger(dataset.trainImages)} images`;
  const epochs = `${recipe.epochs} ${recipe.epochs === 1 ? 'epoch' : 'epochs'}`;
  return `${reached}; each training takes ${epochs} on ${images} of ${dataset.name}. What holds after a training this long need not hold after a longer one.`;
}

function capitalise(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
