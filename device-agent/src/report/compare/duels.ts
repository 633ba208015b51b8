import { median } from '../../measure/statistics.js';
import { toSpeedWords } from '../format.js';
import { accuracyResolution } from '../summary.js';
import type { BlockedMeasurement, ComparedNetwork, SeedSpread } from './comparison.js';

export type Standing = 'better' | 'worse' | 'level';

/** What a crop came to beside a rival: `traded` is faster and less accurate, or slower and more accurate. */
export type Outcome = 'won' | 'lost' | 'traded' | 'level' | 'untimed';

/** A crop beside another network at one batch, each in its fastest runtime. */
export interface Duel {
  readonly crop: ComparedNetwork;
  readonly rival: ComparedNetwork;
  readonly batch: number;
  readonly cropTime: BlockedMeasurement | undefined;
  readonly rivalTime: BlockedMeasurement | undefined;
  /** The rival's median over the crop's; 1 where one of them has no valid time. */
  readonly speedup: number;
  /** The crop's mean less the rival's, a fraction. */
  readonly accuracyDifference: number;
  readonly speed: Standing;
  readonly accuracy: Standing;
  readonly outcome: Outcome;
}

export function toDuel(crop: ComparedNetwork, rival: ComparedNetwork, batch: number, testImages: number): Duel {
  const [cropTime, rivalTime] = [timeAt(crop, batch), timeAt(rival, batch)];
  const isTimed = cropTime !== undefined && rivalTime !== undefined;
  const speed = isTimed ? compareTimes(cropTime, rivalTime) : 'level';
  const accuracy = compareAccuracies(crop.accuracy, rival.accuracy, testImages);
  return {
    crop,
    rival,
    batch,
    cropTime,
    rivalTime,
    speedup: isTimed ? rivalTime.median / cropTime.median : 1,
    accuracyDifference: crop.accuracy.mean - rival.accuracy.mean,
    speed,
    accuracy,
    outcome: isTimed ? toOutcome(speed, accuracy) : 'untimed',
  };
}

/** A network's time at a batch; undefined where it has none that may be compared. */
export function timeAt({ inference }: ComparedNetwork, batch: number): BlockedMeasurement | undefined {
  return inference.find((each) => each.batch === batch && each.verdict !== 'invalid');
}

/**
 * Better or worse where the medians differ by 5 % or more and nine of ten rounds say the same: the blocks of a round were taken within seconds of
 * each other, so whatever the machine did meanwhile happened to both.
 */
export function compareTimes(one: BlockedMeasurement, other: BlockedMeasurement): Standing {
  const speedup = other.median / one.median;
  if (toSpeedWords(speedup) === undefined) return 'level';
  const [ones, others] = [one, other].map(toRoundMedians) as [readonly number[], readonly number[]];
  const rounds = Math.min(ones.length, others.length);
  const agreeing = ones.slice(0, rounds).filter((ms, round) => (others[round] ?? 0) > ms === speedup > 1).length;
  if (agreeing < 0.9 * rounds) return 'level';
  return speedup > 1 ? 'better' : 'worse';
}

/** The median of each round's block. */
function toRoundMedians({ samples, blockSizes }: BlockedMeasurement): readonly number[] {
  let start = 0;
  return blockSizes.map((size) => {
    start += size;
    return median(samples.slice(start - size, start));
  });
}

/**
 * Level where the test images cannot tell the means apart (95 %), or where there are several seeds and the two ranges over them overlap: a
 * rule that a reader can check by eye, and harder to pass than a test of the means.
 */
export function compareAccuracies(one: SeedSpread, other: SeedSpread, testImages: number): Standing {
  const difference = one.mean - other.mean;
  if (Math.abs(difference) <= accuracyResolution(one.mean, other.mean, testImages)) return 'level';
  const areSpread = one.deviation !== null && other.deviation !== null;
  if (areSpread && one.least <= other.most && other.least <= one.most) return 'level';
  return difference > 0 ? 'better' : 'worse';
}

function toOutcome(speed: Standing, accuracy: Standing): Outcome {
  if (speed === 'level' && accuracy === 'level') return 'level';
  if (speed !== 'worse' && accuracy !== 'worse') return 'won';
  return speed !== 'better' && accuracy !== 'better' ? 'lost' : 'traded';
}

/**
 * Of a crop's duels at one batch the one that decides what may be said of it: a rival that beats it, else one it trades with, else one it does
 * not differ from, else one without a valid time, which may have won; else the fastest that it beats. Undefined without rivals.
 */
export function findDecisive(duels: readonly Duel[]): Duel | undefined {
  const order: readonly Outcome[] = ['lost', 'traded', 'level', 'untimed', 'won'];
  return duels.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || a.speedup - b.speedup)[0];
}
