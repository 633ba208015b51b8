import { formatCount, formatMs, formatPercent } from '@precrop/sdk/core/units';
import { formatInteger, formatPoints, formatShare, formatTimes, toSpeedWords } from '../format.js';
import { accuracyResolution } from '../summary.js';
import type { ComparedNetwork, NetworkComparison } from './comparison.js';
import { type Duel, findDecisive, timeAt, toDuel } from './duels.js';
import { findFastestSparse } from './summary.js';
import { joinWords, toBatchWords, toOutcomeClause } from './words.js';

/** What a conclusion is drawn from. */
export type CompareFindings = Pick<NetworkComparison, 'conditions' | 'setting' | 'steadiness' | 'leftOut' | 'results'>;

/** Plain sentences for someone who reads nothing else. That cropping did not win, and why, is told as loudly as that it did. */
export function toCompareConclusion(findings: CompareFindings): readonly string[] {
  const { results, setting, leftOut } = findings;
  const crops = results.filter(({ kind }) => kind === 'crop');
  return [
    ...crops.filter(({ equal }) => equal === 'params').flatMap((crop) => againstSparse(crop, findings)),
    ...crops.filter(({ equal }) => equal === 'macs').flatMap((crop) => againstSparse(crop, findings)),
    ...crops.filter(({ source }) => source === setting.crops[0]).map((crop) => againstOriginal(crop, findings)),
    ...zerosAlone(findings),
    ...training(findings),
    chance(findings),
    ...doubts(findings),
    ...leftOut.map(({ id, reason }) => `${id} is missing: ${reason}`),
  ];
}

/** The finding in a dozen words: of the first source's crop at equal parameters. */
export function toCompareHeadline(findings: CompareFindings): string {
  const { results, setting } = findings;
  const crop = results.find(({ source, equal }) => source === setting.crops[0] && equal === 'params');
  if (!crop) return 'No crop at equal parameters could be built';
  const decisive = decide(crop, findings);
  if (decisive.length === 0) return 'A crop beside the original: no sparse network was asked for';
  const name = `the ${crop.source} crop`;
  const timed = decisive.filter(({ outcome }) => outcome !== 'untimed');
  if (timed.length === 0) return `No valid timing: whether ${name} wins at equal parameters cannot be said`;
  const won = timed.filter(({ outcome }) => outcome === 'won').map(({ batch }) => batch);
  const among = timed.length === decisive.length ? '' : ` ${toBatchWords(won)}, with no valid timing elsewhere`;
  if (won.length === timed.length) return `At equal parameters ${name} beats every sparse network${among}`;
  if (won.length > 0) return `At equal parameters ${name} wins ${toBatchWords(won)} alone`;
  if (timed.every(({ outcome }) => outcome === 'lost')) return `At equal parameters ${name} did not win here`;
  return `At equal parameters ${name} did not win outright here`;
}

/** The duel that decides, at each batch. */
function decide(crop: ComparedNetwork, { results, setting, conditions }: CompareFindings): readonly Duel[] {
  const sparse = results.filter(({ kind }) => kind === 'sparse');
  const rivals = crop.equal === 'macs' ? sparse.filter((each) => each.source === crop.source || haveEqualMacs(crop, each)) : sparse;
  return setting.batches.flatMap((batch) => {
    const duels = rivals.map((rival) => toDuel(crop, rival, batch, conditions.dataset.testImages));
    return findDecisive(duels) ?? [];
  });
}

/** Other sources leave other shares of the MACs: those that come near are compared as well. */
function haveEqualMacs(crop: ComparedNetwork, sparse: ComparedNetwork): boolean {
  return Math.abs(sparse.macs / crop.macs - 1) <= 0.15;
}

/** One sentence; batches with the same outcome against the same rival share a clause. */
function againstSparse(crop: ComparedNetwork, findings: CompareFindings): readonly string[] {
  const decisive = decide(crop, findings);
  const rivals = [...new Set(decisive.map(({ rival }) => rival))];
  const isParams = crop.equal === 'params';
  if (rivals.length === 0) {
    const missing = isParams ? 'no sparse network was asked for' : 'no sparse network that was asked for has about as many MACs';
    return [`Of the ${crop.name} nothing is said: ${missing}.`];
  }
  const left = isParams
    ? `${formatCount(crop.params)} of the parameters are left, ${joinWords(rivals.map((each) => `${formatCount(each.params)} of ${each.name}`))}`
    : `${formatCount(crop.macs)} MACs are left, ${joinWords(rivals.map((each) => `${formatCount(each.macs)} of ${each.name}`))}`;
  const clauses = group(decisive).map(toOutcomeClause);
  return [`At equal ${isParams ? 'parameters' : 'MACs'} (${left}) the ${crop.source} crop ${clauses.join('; it ')}.`];
}

function group(duels: readonly Duel[]): readonly (readonly Duel[])[] {
  const groups: Duel[][] = [];
  for (const duel of duels) {
    const same = groups.find(([first]) => first?.outcome === duel.outcome && first.rival === duel.rival && first.speed === duel.speed);
    if (same) same.push(duel);
    else groups.push([duel]);
  }
  return groups;
}

function againstOriginal(crop: ComparedNetwork, { results, setting, conditions }: CompareFindings): string {
  const original = results[0] as ComparedNetwork;
  const duels = setting.batches.map((batch) => toDuel(crop, original, batch, conditions.dataset.testImages));
  const timed = duels.filter(({ outcome }) => outcome !== 'untimed');
  const words = timed.map(({ speedup }) => toSpeedWords(speedup) ?? `no faster (${formatTimes(speedup)})`);
  const speeds = words.every((each) => each.endsWith(' faster'))
    ? `${joinWords(words.map((each) => each.slice(0, -7)))} faster`
    : joinWords(words);
  const infers = timed.length === 0 ? 'has no valid timing' : `is ${speeds} ${toBatchWords(timed.map(({ batch }) => batch))}`;
  const accuracy = `(${formatPercent(crop.accuracy.mean)} against ${formatPercent(original.accuracy.mean)})`;
  const points = formatPoints(duels[0]?.accuracyDifference ?? 0);
  const standing = {
    better: `${points} more accurate ${accuracy}`,
    worse: `${points} less accurate ${accuracy}`,
    level: `not measurably different in accuracy ${accuracy}`,
  }[duels[0]?.accuracy ?? 'level'];
  const shares = `${formatShare(crop.params / original.params)} of the parameters and ${formatShare(crop.macs / original.macs)} of the MACs`;
  return `Against the original the ${crop.name}, with ${shares}, ${infers}, and ${standing}.`;
}

/** What the zeros alone win on this device: the sparse baseline at its best. */
function zerosAlone({ results, setting }: CompareFindings): readonly string[] {
  const original = results[0] as ComparedNetwork;
  const clauses = setting.batches.flatMap((batch) => {
    const sparse = findFastestSparse(results, batch);
    const [time, before] = [sparse && timeAt(sparse, batch), timeAt(original, batch)];
    if (!sparse || !time || !before) return [];
    const words = toSpeedWords(before.median / time.median) ?? 'no faster';
    return [`${words} at batch ${batch} (${sparse.name} in ${time.runtime}, ${formatMs(time.median)} against ${formatMs(before.median)})`];
  });
  return clauses.length === 0 ? [] : [`Zeros without cropping: the fastest sparse network is ${joinWords(clauses)} than the original.`];
}

function training({ results, setting }: CompareFindings): readonly string[] {
  const original = results[0] as ComparedNetwork;
  const crop = results.find(({ source, equal }) => source === setting.crops[0] && equal === 'params');
  const sparse = results.find(({ kind }) => kind === 'sparse');
  const speedOf = ({ trainStep }: ComparedNetwork): string => {
    if (trainStep.verdict === 'invalid' || original.trainStep.verdict === 'invalid') return 'has no valid timing';
    const words = toSpeedWords(original.trainStep.median / trainStep.median);
    const times = `${formatMs(trainStep.median)} against ${formatMs(original.trainStep.median)}`;
    return `is ${words === undefined ? 'as fast as' : `${words} than`} the original's (${times})`;
  };
  const parts = [
    ...(crop ? [`the step of the ${crop.name} ${speedOf(crop)}`] : []),
    ...(sparse ? [`that of a masked network, which trains all its zeros too, ${speedOf(sparse)}`] : []),
  ];
  if (parts.length === 0) return [];
  const memory = crop
    ? ` Training the crop peaked at ${formatShare(crop.peakRssBytes.value / original.peakRssBytes.value)} of the original's memory.`
    : '';
  return [`In training, ${parts.join('; ')}.${memory}`];
}

function chance({ conditions: { dataset }, setting: { seeds }, results }: CompareFindings): string {
  const original = results[0] as ComparedNetwork;
  const others = results.slice(1).map(({ accuracy }) => accuracyResolution(original.accuracy.mean, accuracy.mean, dataset.testImages));
  const images = `${formatInteger(dataset.testImages)} test images cannot tell accuracies apart that differ by less than ${formatPoints(Math.max(0, ...others))}`;
  if (seeds.length === 1) {
    return `One seed (${seeds[0]}): how far accuracies scatter from seed to seed is not known here, so small differences may be chance. ${images}.`;
  }
  return `${seeds.length} seeds: accuracies whose ranges over the seeds overlap are not called different, and ${images}.`;
}

function doubts({ results, setting, steadiness }: CompareFindings): readonly string[] {
  const unsteady =
    steadiness.verdict === 'valid' ? [] : ['The machine was not steady when timing began: trust the ratios further than the times.'];
  const inDoubt = (['noisy', 'invalid'] as const).flatMap((verdict) => {
    const named = setting.batches.flatMap((batch) => {
      const found = results.filter(({ inference }) => inference.some((each) => each.batch === batch && each.verdict === verdict));
      return found.length === 0 ? [] : [`batch ${batch} of ${joinWords(found.map(({ name }) => name))}`];
    });
    const rule =
      verdict === 'noisy' ? 'a difference counts only where nine of ten interleaved rounds say the same' : 'they are not compared';
    return named.length === 0 ? [] : [`Times are ${verdict} at ${named.join(', at ')}: ${rule}.`];
  });
  return [...unsteady, ...inDoubt];
}
