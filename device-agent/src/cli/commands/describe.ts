import { formatBytes, formatCount } from '@precrop/sdk/core/units';
import { type Architecture, inputId } from '@precrop/sdk/ir/architecture';
import { countArchitecture, countNodes } from '@precrop/sdk/ir/count';
import { findWidthGroups, type GroupedArchitecture } from '@precrop/sdk/ir/width-groups';
import { type Liveness, measureLiveness } from '@precrop/sdk/program/liveness';
import { toTrainingStep } from '@precrop/sdk/program/training-step';
import { defaultRecipe } from '@precrop/sdk/train/recipe';
import type { Command } from 'commander';
import { formatInteger } from '../../report/format.js';
import type { Outcome, Session } from '../command-line.js';
import { loadConditions } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { loadArchitecture } from '../find-model-source.js';
import { parseWhole } from '../option-values.js';
import { readWidths, widthsHelp } from '../read-widths.js';
import { toTextList, toTextTable, wrapText } from '../text-table.js';

interface DescribeOptions {
  readonly widths: string;
  readonly align?: number;
  readonly batch: number;
  readonly all?: boolean;
}

/** A row a node. `group` is null where the width is not free (the image, the classes), "a + b" for a concatenation. */
interface NodeRow {
  readonly id: string;
  readonly op: string;
  readonly outputShape: readonly number[];
  readonly params: number;
  readonly macs: number;
  readonly group: string | null;
  readonly width: number;
}

export function addDescribe(program: Command, run: RunAction): void {
  const command = program
    .command('describe')
    .argument('<arch>', 'such as resnet-20, mobilenet-v2-x0.5-cifar, vgg-16 or shufflenet-v2-x1.0; or that of a run or model')
    .summary('show the layers, width groups, parameters, MACs and training memory of an architecture')
    .usage('<arch> [options]')
    .addOption(option('Widths:', '--widths <widths>', widthsHelp, undefined, 'original'))
    .addOption(option('Widths:', '--align <n>', 'multiple that a width multiplier rounds to (default: 8)', parseWhole('--align')))
    .addOption(option('What to show:', '--batch <n>', 'batch size of the training memory', parseWhole('--batch'), defaultRecipe.batch))
    .addOption(option('What to show:', '--all', 'every node: also batch norms, activations, sums and pools'));
  addOutputOptions(command).action((name: string, options: DescribeOptions) =>
    run('describe', flagsOf(command), (session) => describe(name, options, session)),
  );
}

async function describe(name: string, options: DescribeOptions, session: Session): Promise<Outcome> {
  const architecture = await readWidths(options.widths, await loadArchitecture(name, 'runs', session), options.align);
  const grouped = findWidthGroups(architecture);
  const count = countArchitecture(architecture);
  const memory = measureLiveness(toTrainingStep(architecture, defaultRecipe.optimizer, defaultRecipe), options.batch);
  const rows = toRows(architecture, grouped);
  const summary = {
    architecture: architecture.name,
    params: count.params,
    macs: count.macs,
    activationBytes: count.activationBytes,
    trainingBatch: options.batch,
    trainingPeakBytes: memory.peakBytes,
    trainingWeightBytes: memory.weightBytes,
    trainingOptimizerBytes: memory.optimizerBytes,
    trainingActivationBytes: memory.activationBytes,
    trainingGradientBytes: memory.gradientBytes,
  };
  return {
    document: async () => ({ conditions: await loadConditions(session), verdict: 'valid', reasons: [], summary, results: rows }),
    text: () =>
      [
        `${architecture.name}: images ${architecture.input.join('x')}, ${architecture.classes} classes`,
        '',
        toLayerTable(rows, options.all ?? false, session.width),
        '',
        'Width groups (channels that are cropped as one)',
        toGroupTable(grouped, session.width),
        '',
        toTotals(count, memory, options.batch),
      ].join('\n'),
  };
}

function toRows(architecture: Architecture, { axes }: GroupedArchitecture): readonly NodeRow[] {
  return countNodes(architecture).map(({ node, outputShape, params, macs }) => {
    const groups = (axes.get(node.id) ?? []).flatMap(({ group }) => (group === undefined ? [] : [group]));
    const group = groups.length === 0 || node.id === inputId ? null : [...new Set(groups)].join(' + ');
    return { id: node.id, op: node.op, outputShape, params, macs, group, width: outputShape.at(-1) ?? 0 };
  });
}

function toLayerTable(rows: readonly NodeRow[], all: boolean, width: number): string {
  const shown = all ? rows : rows.filter(({ macs }) => macs > 0);
  const columns = [
    { title: 'layer', least: 24 },
    { title: 'op' },
    { title: 'output', align: 'right' },
    { title: 'params', align: 'right' },
    { title: 'MACs', align: 'right' },
    { title: 'width group', least: 10 },
  ] as const;
  const cells = shown.map(({ id, op, outputShape, params, macs, group }) => [
    id,
    op,
    outputShape.join('x'),
    formatInteger(params),
    macs === 0 ? '-' : formatCount(macs),
    group === id ? 'own' : (group ?? '-'),
  ]);
  const hidden = rows.filter((row) => !shown.includes(row));
  const hiddenParams = hidden.reduce((sum, { params }) => sum + params, 0);
  const note = `${hidden.length} nodes without MACs (batch norms, activations, sums, pools) hold ${formatInteger(hiddenParams)} more parameters: --all shows them.`;
  return [toTextTable(columns, cells, width), ...(hidden.length > 0 ? [wrapText(note, width)] : [])].join('\n');
}

function toGroupTable({ groups }: GroupedArchitecture, width: number): string {
  return toTextTable(
    [
      { title: 'group', least: 12 },
      { title: 'width', align: 'right' },
      { title: 'written by', least: 12 },
    ],
    groups.map(({ name, width: channels, multipleOf, writers }) => [
      name,
      multipleOf > 1 ? `${channels} (multiple of ${multipleOf})` : String(channels),
      writers.length > 2 ? `${writers[0]} and ${writers.length - 1} more` : writers.join(', '),
    ]),
    width,
  );
}

function toTotals(count: ReturnType<typeof countArchitecture>, memory: Liveness, batch: number): string {
  return toTextList([
    ['Parameters', formatInteger(count.params)],
    ['MACs of an image', formatInteger(count.macs)],
    ['Activations of an image', formatBytes(count.activationBytes)],
    [`Memory of a training step, batch ${batch}`, `${formatBytes(memory.peakBytes)} at its peak, predicted`],
    ['  weights', formatBytes(memory.weightBytes)],
    ['  optimizer', formatBytes(memory.optimizerBytes)],
    ['  activations', formatBytes(memory.activationBytes)],
    ['  gradients', formatBytes(memory.gradientBytes)],
  ]);
}
