import { formatMs, formatPercent } from '@precrop/sdk/core/units';
import { formatPoints, formatTimes } from '../format.js';
import type { Duel } from './duels.js';

/** "a", "a and b", "a, b and c". */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** "at batch 1 and 8". */
export function toBatchWords(batches: readonly number[]): string {
  return `at batch ${joinWords(batches.map(String))}`;
}

/** What a crop came to against one rival at some batches, as a clause after its name: "won at batch 1 against …". */
export function toOutcomeClause(duels: readonly Duel[]): string {
  const [first] = duels as readonly [Duel, ...Duel[]];
  const { rival, accuracyDifference: difference, accuracy } = first;
  const at = toBatchWords(duels.map(({ batch }) => batch));
  const ratio = joinWords([...new Set(duels.map(({ speedup }) => formatTimes(Math.max(speedup, 1 / speedup))))]);
  const runtimes = [...new Set(duels.flatMap(({ rivalTime }) => rivalTime?.runtime ?? []))].join(' and ');
  const ms = duels.map(({ cropTime, rivalTime }) => [formatMs(cropTime?.median ?? 0), formatMs(rivalTime?.median ?? 0)] as const);
  const times = joinWords(ms.map(([ours, theirs]) => `${ours} against ${theirs}`));
  const points = formatPoints(difference);
  const [ourShare, theirShare] = [first.crop.accuracy.mean, rival.accuracy.mean].map((share) => formatPercent(share)) as [string, string];
  const percents = `${ourShare} against ${theirShare}`;
  const who = runtimes === '' ? rival.name : `${rival.name} (${runtimes})`;
  switch (first.outcome) {
    case 'won': {
      const speed =
        first.speed === 'better'
          ? `it is ${ratio} faster than ${who} (${times})`
          : `it does not measurably differ in time from ${who} (${times})`;
      const gain = accuracy === 'better' ? `${points} more accurate (${percents})` : `not measurably less accurate (${percents})`;
      return `won ${at}: ${speed}, which is the nearest to it, and is ${gain}`;
    }
    case 'lost': {
      const theirs = joinWords(ms.map(([our, their]) => `${their} against ${our}`));
      const speed = first.speed === 'worse' ? `is ${ratio} faster (${theirs})` : `does not measurably differ in time (${theirs})`;
      const turned = `${theirShare} against ${ourShare}`;
      const gain = accuracy === 'worse' ? `${points} more accurate (${turned})` : `not measurably less accurate (${turned})`;
      return `did not win ${at}, because ${who} ${speed} and is ${gain}`;
    }
    case 'traded':
      return first.speed === 'better'
        ? `did not win outright ${at}, because it is ${ratio} faster than ${who} (${times}) but ${points} less accurate (${percents})`
        : `did not win outright ${at}, because it is ${points} more accurate than ${who} (${percents}) but ${ratio} slower (${times})`;
    case 'level':
      return `did not win ${at}, because it and ${who} differ by no more than noise, in time (${times}) and in accuracy (${percents})`;
    case 'untimed':
      return `cannot be judged ${at}, where it or ${rival.name} has no valid timing`;
  }
}
