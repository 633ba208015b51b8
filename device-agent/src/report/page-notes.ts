import { formatBytes } from '@precrop/sdk/core/units';
import { formatInteger } from './format.js';
import { escapeHtml, typeset } from './markup.js';
import type { ComparisonReport, Contender, ReportConditions } from './report.js';

interface ConditionsShown {
  readonly conditions: ReportConditions;
  /** Their runtimes are named. */
  readonly results: readonly Pick<Contender, 'inference'>[];
}

/** The conditions as a definition list. @param more entries, each a term and its words */
export function toConditionsList(report: ConditionsShown, more: readonly (readonly [string, string])[] = []): string {
  return `<dl>${[...toEntries(report), ...more]
    .map(([term, value]) => `<div><dt>${escapeHtml(term)}</dt><dd>${typeset(value)}</dd></div>`)
    .join('')}</dl>`;
}

/** How the numbers were taken, so that a reader can doubt them. */
export function toMethodNotes({ conditions }: ComparisonReport): string {
  const notes = [
    'Original and crop ran the same recipe, seed and batches. Each was timed in its own process, in interleaved blocks, so that a machine that slows down slows both.',
    'A time is the median of all samples after warm-up. The range beneath it is the 5th to the 95th percentile of the samples, not an error of the median.',
    'A ratio divides two medians of this run. In the cost chart, thin lines show the spread of the crop and of the original, both divided by the median of the original.',
    'Training time counts training steps alone. Accuracy at a time between two epochs is interpolated on a straight line, and no value is claimed before the first epoch ends.',
    ...(conditions.inference
      ? [
          'Inference runs the folded network in the runtime of this machine that is fastest for it, found in a short trial of each network at each batch.',
        ]
      : []),
    'The final accuracy is compared, not the best: the best epoch was picked on the test images themselves.',
    'Peak memory is the largest resident set of the whole process, Node and libraries included. What training added is that, less what was resident before the first step.',
    'MACs are the multiply-accumulates of one forward pass of one image. A training step needs about three times as many an image.',
    `Numbers hold for this machine in this state (${conditions.power}); trust the ratios further than the times.`,
  ];
  return `<ul>${notes.map((note) => `<li>${typeset(note)}</li>`).join('')}</ul>`;
}

function toEntries({ conditions, results }: ConditionsShown): readonly (readonly [string, string])[] {
  const { dataset, recipe } = conditions;
  return [
    ['Device', conditions.device],
    ['CPU', `${conditions.cpu}, ${conditions.cores} ${conditions.cores === 1 ? 'core' : 'cores'}`],
    ['Memory', formatBytes(conditions.memoryBytes)],
    ['Operating system', conditions.os],
    ['Power', conditions.power],
    [
      'Backend',
      conditions.runtime === conditions.runtimeUsed ? conditions.runtime : `${conditions.runtimeUsed} (asked for ${conditions.runtime})`,
    ],
    ...(conditions.inference ? [['Inference runtime', toRuntimeWords(conditions.inference, results)] as const] : []),
    ['Threads and batch', `${conditions.threads} ${conditions.threads === 1 ? 'thread' : 'threads'}, batch ${conditions.batch}`],
    ['Started', conditions.startedAt.replace('T', ' ').replace(/\.\d+/, '').replace('Z', ' UTC')],
    [
      'Data',
      `${dataset.name}: ${formatInteger(dataset.trainImages)} training and ${formatInteger(dataset.testImages)} test images, ${dataset.classes} classes`,
    ],
    ['Source of the data', dataset.source],
    ['Recipe', `${recipe.epochs} epochs, ${recipe.optimizer}, weight decay ${recipe.weightDecay}, seed ${recipe.seed}`],
    ['Learning rate', `${recipe.schedule}, peak ${recipe.learningRate}`],
    ['Augmentation', recipe.augmentation],
    ['Crop', conditions.crop],
    [
      'Versions',
      Object.entries(conditions.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
}

function toRuntimeWords({ asked, tried }: NonNullable<ReportConditions['inference']>, results: ConditionsShown['results']): string {
  const used = [...new Set(results.flatMap(({ inference }) => inference.map(({ runtime }) => runtime)))];
  const choice = tried.length > 1 ? ` (asked for the ${asked} of ${tried.join(', ')})` : '';
  return `${used.length === 0 ? 'none' : used.join(', ')}${choice}`;
}
