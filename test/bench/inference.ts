/**
 * The table of inference: `node test/dist/bench/inference.js [FILE]` prints it as markdown and writes the documents with all samples to FILE. Takes about
 * twenty minutes on an otherwise idle machine; README.md says how it measures.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { benchInference } from '@precrop/device-agent/bench/inference';
import { findFastest, type InferenceDocument, type InferenceRow } from '@precrop/device-agent/bench/inference-document';
import { createArchitecture } from '@precrop/sdk/architectures/registry';
import { createContext } from '@precrop/sdk/core/context';
import { formatMs, formatSignificant } from '@precrop/sdk/core/units';
import { listRuntimes } from '@precrop/sdk/runtimes/registry';

const networks = [
  { name: 'ResNet-20, 16/32/64', architecture: 'resnet-20' },
  { name: 'ResNet-20, 8/16/32', architecture: 'resnet-20-w8' },
  { name: 'ResNet-20, 4/8/16', architecture: 'resnet-20-w4' },
  { name: 'MobileNetV2 x1.0, 32x32', architecture: 'mobilenet-v2-x1.0-cifar' },
] as const;
const batches = [1, 8, 128];
const runtimes = listRuntimes().map(({ name }) => name);

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
const context = createContext({ signal: controller.signal });

const documents: InferenceDocument[] = [];
for (const { name, architecture } of networks) {
  process.stderr.write(`${name} …\n`);
  const threads = [...new Set([1, availableParallelism()])];
  documents.push(await benchInference({ architecture: createArchitecture(architecture), batches, runtimes, threads }, context));
}
const [file] = process.argv.slice(2);
if (file !== undefined) writeFileSync(file, `${JSON.stringify(documents, null, 2)}\n`);
process.stdout.write(`${toTable(documents)}\n`);

/** A line a network and batch: each runtime at its best number of threads, the fastest in bold. */
function toTable(documents: readonly InferenceDocument[]): string {
  const { device, versions, startedAt, power } = (documents[0] as InferenceDocument).conditions;
  const rows = documents.flatMap(({ results }) => results);
  const names = [...new Set(rows.filter(({ medianMs }) => medianMs !== null).map(({ runtime }) => runtime))];
  const lines = documents.flatMap(({ results, verdict }, index) =>
    batches.map((batch) => {
      const fastest = findFastest(results, batch);
      const cells = names.map((name) => {
        const best = findFastestOf(results.filter((row) => row.batch === batch && row.runtime === name));
        return best === undefined ? '–' : toCell(best, best === fastest);
      });
      const speedup = fastest?.speedupOverTfjsLayers ?? undefined;
      const bound = fastest?.timesBound ?? undefined;
      return `| ${[
        networks[index]?.name,
        batch,
        ...cells,
        speedup === undefined ? '–' : `**${formatSignificant(speedup)}x**`,
        bound === undefined ? '–' : `${formatSignificant(bound)}x`,
        verdict,
      ].join(' | ')} |`;
    }),
  );
  const ran = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${device}, power: ${power}, ${ran.join(', ')}, ${startedAt.slice(0, 10)}; in parentheses the threads:`,
    '',
    `| network | batch | ${names.join(' | ')} | fastest over tfjs-layers | fastest against the bound | verdict |`,
    `|---|---|${names.map(() => '---|').join('')}---|---|---|`,
    ...lines,
  ].join('\n');
}

function findFastestOf(rows: readonly InferenceRow[]): InferenceRow | undefined {
  return rows.filter(({ medianMs }) => medianMs !== null).toSorted((a, b) => (a.medianMs ?? 0) - (b.medianMs ?? 0))[0];
}

function toCell({ medianMs, threads, verdict }: InferenceRow, isFastest: boolean): string {
  const text = `${formatMs(medianMs ?? 0)} (${threads})${verdict === 'valid' ? '' : ` ${verdict}`}`;
  return isFastest ? `**${text}**` : text;
}
