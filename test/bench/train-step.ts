/**
 * The table of training steps: `node test/dist/bench/train-step.js [FILE]` prints it as markdown and writes the documents with all samples
 * to FILE. Takes about seven minutes on an otherwise idle machine; README.md says how it measures.
 */
import { writeFileSync } from 'node:fs';
import { benchTrainStep } from '@precrop/device-agent/bench/train-step';
import type { TrainStepDocument } from '@precrop/device-agent/bench/train-step-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { formatBytes, formatMs, formatSignificant } from '@precrop/sdk/core/units';

const rows = [
  { name: 'ResNet-20, 16/32/64', architecture: 'resnet-20', batch: 128 },
  { name: 'ResNet-20, 8/16/32', architecture: 'resnet-20-w8', batch: 128 },
  { name: 'ResNet-20, 4/8/16', architecture: 'resnet-20-w4', batch: 128 },
  { name: 'MobileNetV2 x1.0, 32x32', architecture: 'mobilenet-v2-x1.0-cifar', batch: 64 },
] as const;

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
const context = createContext({ signal: controller.signal });

const documents: TrainStepDocument[] = [];
for (const { name, architecture, batch } of rows) {
  process.stderr.write(`${name}, batch ${batch} …\n`);
  documents.push(await benchTrainStep({ architecture: createArchitecture(architecture), batch }, context));
}
const [file] = process.argv.slice(2);
if (file !== undefined) writeFileSync(file, `${JSON.stringify(documents, null, 2)}\n`);
process.stdout.write(`${toTable(documents)}\n`);

function toTable(documents: readonly TrainStepDocument[]): string {
  const { device, threads, versions, startedAt } = (documents[0] as TrainStepDocument).conditions;
  const lines = documents.map(({ summary, verdict, conditions, results }, index) => {
    const speedup = results.find((result) => 'ratios' in result);
    const cells = [
      rows[index]?.name,
      conditions.batch,
      formatMs(summary.ourStepMs),
      formatMs(summary.tfjsLayersStepMs),
      `**${formatSignificant(summary.speedupOverTfjsLayers)}x** (${[speedup?.p5, speedup?.p95].map((ratio) => formatSignificant(ratio ?? 0)).join('–')})`,
      `${formatSignificant(summary.timesBound)}x of ${formatMs(summary.boundMs)}`,
      `${formatBytes(summary.ourPeakRssGrowthBytes)} / ${formatBytes(summary.tfjsLayersPeakRssGrowthBytes)}`,
      `${formatBytes(summary.ourPeakRssBytes)} / ${formatBytes(summary.tfjsLayersPeakRssBytes)}`,
      verdict,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `${device}, ${threads} threads, Node ${versions['node']}, TensorFlow ${versions['tensorflow']}, ${startedAt.slice(0, 10)}:`,
    '',
    '| network | batch | our step | tfjs-layers | speed-up (5–95 % of rounds) | distance to the bound | memory the step adds, ours / tfjs-layers | whole process while it steps | verdict |',
    '|---|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
