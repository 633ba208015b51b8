import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import { type Comparison, fastestInference, toComparisons } from './comparisons.js';
import { isUnannealedAt, toCurve } from './curves.js';
import { formatInteger, formatPoints, formatShare, formatTimes, toSpeedWords } from './format.js';
import type { ComparisonReport, Contender } from './report.js';

/** What a conclusion is drawn from. */
export type Findings = Pick<ComparisonReport, 'conditions' | 'summary' | 'results'>;

/** Plain sentences for someone who reads nothing else; what was lost is told as loudly as what was won. */
export function toConclusion(findings: Findings): readonly string[] {
  const comparisons = toComparisons(...findings.results);
  return [
    equalEpochs(findings),
    equalTime(findings),
    costs(findings, comparisons),
    ...shortOfTheMacs(findings),
    chance(findings),
    ...doubts(comparisons),
  ];
}

/** The finding in a dozen words. */
export function toHeadline({ summary, results }: Findings): string {
  const [original, crop] = results;
  const trusted = original.trainStep.verdict !== 'invalid' && crop.trainStep.verdict !== 'invalid';
  const speed = trusted ? `Trains ${toSpeedWords(summary.trainStepSpeedup) ?? 'no faster'} a step` : 'Training step without a valid timing';
  const outcome = outcomeOf(summary.accuracyDifference, summary.accuracyResolution);
  const points = formatPoints(summary.accuracyDifference);
  return `${speed}, ${outcome === 'equal' ? 'no measurable change in accuracy' : `${points} ${outcome === 'won' ? 'more' : 'less'} accurate`}`;
}

type Outcome = 'won' | 'lost' | 'equal';

function outcomeOf(difference: number, resolution: number): Outcome {
  if (Math.abs(difference) <= resolution) return 'equal';
  return difference > 0 ? 'won' : 'lost';
}

function equalEpochs({ summary, results: [original, crop] }: Findings): string {
  const outcome = outcomeOf(summary.accuracyDifference, summary.accuracyResolution);
  const epochs = [original.epochs.length, crop.epochs.length] as const;
  const when = epochs[0] === epochs[1] ? 'at equal epochs' : `after ${epochs[1]} epochs against the original's ${epochs[0]}`;
  const from = formatPercent(summary.originalAccuracy);
  const to = formatPercent(summary.cropAccuracy);
  const points = formatPoints(summary.accuracyDifference);
  const accuracy = {
    won: `gains ${points} of accuracy ${when} (${from} to ${to})`,
    lost: `loses ${points} of accuracy ${when} (${from} to ${to})`,
    equal: `shows no change in accuracy beyond chance ${when} (${from} and ${to})`,
  }[outcome];
  return `${speedClause(original, crop, summary.trainStepSpeedup)} ${accuracy}.`;
}

function speedClause(original: Contender, crop: Contender, speedup: number): string {
  if (original.trainStep.verdict === 'invalid' || crop.trainStep.verdict === 'invalid') {
    return 'The training step has no valid timing, so no speed-up is claimed; the crop';
  }
  const words = toSpeedWords(speedup);
  return words ? `The crop trains ${words} a step and` : `The crop trains no faster a step (${formatTimes(speedup)}) and`;
}

function equalTime({ summary, results }: Findings): string {
  const { equalTimeSeconds, originalAccuracyAtEqualTime: before, cropAccuracyAtEqualTime: after } = summary;
  const time = formatMs(equalTimeSeconds * 1000);
  if (before === null || after === null) {
    const [quick, slow] = before === null ? ['crop', 'original'] : ['original', 'crop'];
    return `When the ${quick} had finished its training (${time}), the ${slow} had not finished its first epoch.`;
  }
  const outcome = outcomeOf(after - before, summary.accuracyResolution);
  const points = formatPoints(after - before);
  const standing = `${formatPercent(after)} against the original's ${formatPercent(before)}`;
  const sentence = {
    won: `At equal training time (${time}) the crop is ${points} ahead: ${standing}.`,
    lost: `At equal training time (${time}) the crop is ${points} behind: ${standing}.`,
    equal: `At equal training time (${time}) the two stand level: ${standing}.`,
  }[outcome];
  const early = results.find((each) => isUnannealedAt(toCurve(each.epochs), equalTimeSeconds));
  if (early === undefined) return sentence;
  const other = early.name === 'original' ? 'crop' : 'original';
  return `${sentence} The ${early.name}'s learning rate had not come down by then, which flatters the ${other}.`;
}

function costs({ summary }: Findings, comparisons: readonly Comparison[]): string {
  const inference = [1, 128].flatMap((batch) => fastestInference(comparisons, batch) ?? []);
  const runtimes = [...new Set(inference.map(({ runtime }) => runtime))].join(' and ');
  const speeds = inference.map((each) => `${toSpeedWords(1 / each.ratio) ?? 'no faster'} at batch ${each.batch}`);
  const infers = speeds.length > 0 ? `, infers ${speeds.join(' and ')} (${runtimes})` : '';
  return (
    `It has ${formatShare(summary.paramsRatio)} of the parameters and ${formatShare(summary.macsRatio)} of the MACs${infers} ` +
    `and peaks at ${formatShare(summary.peakRssRatio)} of the memory.`
  );
}

/** A step seldom gets as much faster as its MACs get fewer: say so, and by how much. */
function shortOfTheMacs({ summary, results: [original, crop] }: Findings): readonly string[] {
  const fewer = 1 / summary.macsRatio;
  if (original.trainStep.verdict === 'invalid' || crop.trainStep.verdict === 'invalid') return [];
  if (fewer < 1.15 * summary.trainStepSpeedup) return [];
  const { originalTrainStepTimesBound: before, cropTrainStepTimesBound: after } = summary;
  const bound =
    before === null || after === null
      ? ''
      : `: it takes ${formatTimes(after)} the time its MACs need at this machine's peak, the original ${formatTimes(before)}`;
  const { trainStepSpeedup: speedup } = summary;
  const time = speedup < 1 ? `but the step's time rose ${formatTimes(1 / speedup)}` : `and the step's time ${formatTimes(speedup)}`;
  return [`The MACs fell ${formatTimes(fewer)} ${time}${bound}.`];
}

function chance({ conditions: { dataset, recipe }, summary }: Findings): string {
  return (
    `One seed (${recipe.seed}) and ${formatInteger(dataset.testImages)} test images: ` +
    `a difference below ${formatPoints(summary.accuracyResolution)} of accuracy may be chance.`
  );
}

function doubts(comparisons: readonly Comparison[]): readonly string[] {
  return comparisons
    .filter((each) => each.verdict !== 'valid')
    .map((each) => `${each.label} (${each.setting}) is ${each.verdict}: the reasons stand with the numbers.`);
}
