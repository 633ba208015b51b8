import { formatCount, formatPercent } from '@precrop/sdk/core/units';
import { typeset } from '../markup.js';
import type { NetworkComparison } from './comparison.js';
import { joinWords } from './words.js';

/** How the numbers were taken, and where in report.json each of them can be checked. */
export function toCompareNotes({ setting, steadiness, conditions }: NetworkComparison): string {
  const notes = [
    'All networks ran the same recipe, and for each seed the same batches in the same order. Crops are cut once, by the mask of the first seed; masks are found anew for the first weights of each seed.',
    `A sparse network keeps ${formatPercent(setting.density, 0)} of the weights that can be removed; batch norms and biases stay whole. Its parameters and MACs are what is left, counted without the zeros. A crop’s widths are whole numbers, so it has at most as many, often a little fewer.`,
    'At equal MACs a density method finds its densities anew under that budget; a criterion’s keep their proportions.',
    'Inference is of the folded network, each in its own process and in the runtime and the number of threads that are fastest for it: the best two of a short trial were timed in full, and the faster one counts. Dense networks tried every runtime, the sparse engine too. Sparse networks tried all sparse runtimes and, as dense kernels multiply by zeros like by anything else, the dense runtime in which the original is fastest.',
    'Then all networks were timed in interleaved blocks, so that a machine that slows down slows all of them. A time is the median of all samples; whiskers in the charts are the 5th and the 95th percentile, and for accuracy the least and the most over the seeds.',
    'Sparse networks are timed with their first weights: where the zeros are does not change in training, and what the other weights are changes no time.',
    'All masked networks have one and the same training step, whichever weights are zeros: it was timed once. A mask saves nothing in training: zeros are computed with, and then held at zero.',
    'A difference in time counts where the medians differ by 5 % or more and nine of ten interleaved rounds say the same. A difference in accuracy is none where the test images cannot tell it from chance (95 %) or where the ranges over the seeds overlap.',
    'Peak memory is the largest resident set of the whole training process, Node and libraries included, and for a sparse network the finding of its mask: criteria that differentiate a network may need more than training does. On disk: float32 files, not compressed; tflite/sparse stores what is left of mostly empty kernels.',
    'To check a number: in report.json, results[i] is a row. Times are the medians of results[i].inference[j].samples, whose blocks a round have blockSizes, and results[i].trainStep.samples; what else was tried is in results[i].trials; accuracies are in results[i].trainings[k], an epoch a record.',
    ...(steadiness.tries > 0
      ? [
          `Before the timing the machine was asked ${steadiness.tries === 1 ? 'once' : `${steadiness.tries} times`} whether it is steady: ${steadiness.verdict}${steadiness.reasons.length > 0 ? ` (${steadiness.reasons.join(' ')})` : ''}.`,
        ]
      : []),
    `Numbers hold for this machine in this state (${conditions.power}); trust the ratios further than the times.`,
  ];
  return `<ul>${notes.map((note) => `<li>${typeset(note)}</li>`).join('')}</ul>`;
}

/** What the masks of the first seed left, and the crops that are missing: entries of the conditions. */
export function toSettingEntries({ setting, results, leftOut }: NetworkComparison): readonly (readonly [string, string])[] {
  const masks = results.flatMap(({ name, mask }) => {
    if (!mask) return [];
    const gone = mask.collapsed.length > 0 ? `; nothing is left of ${mask.collapsed.join(', ')}` : '';
    return [`${name}: effective density ${formatPercent(mask.effectiveDensity)}${gone}`];
  });
  const widths = results
    .filter(({ kind }) => kind === 'crop')
    .map((each) => `${each.name}: ${each.widths.map(({ width }) => formatCount(width)).join('/')}`);
  return [
    ['Seeds', joinWords(setting.seeds.map(String))],
    ...(masks.length > 0 ? [['Masks', masks.join('; ')] as const] : []),
    ...(widths.length > 0 ? [['Widths of the crops', widths.join('; ')] as const] : []),
    ...leftOut.map(({ id, reason }) => [`Missing: ${id}`, reason] as const),
  ];
}
