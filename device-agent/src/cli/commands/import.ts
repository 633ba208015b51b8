import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { UsageError } from '@precrop/sdk/core/errors';
import { formatBytes } from '@precrop/sdk/core/units';
import { countArchitecture } from '@precrop/sdk/ir/count';
import type { Command } from 'commander';
import { formatInteger } from '../../report/format.js';
import { isModelFolder } from '../../store/model-folder.js';
import type { Outcome, Session } from '../command-line.js';
import { loadConditions } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { withModel } from '../find-model-source.js';
import { toTextList, wrapText } from '../text-table.js';

interface ImportOptions {
  readonly output?: string;
  readonly force?: boolean;
}

const place = 'Where:';

export function addImport(program: Command, run: RunAction): void {
  const command = program
    .command('import')
    .argument('<file>', 'an .onnx file, or the folder or model.json of a tfjs layers model')
    .summary('read a model of another program, to fine-tune, crop or export it')
    .usage('<file> [options]')
    .addOption(option(place, '-o, --output <dir>', 'the folder that keeps the model (default: named after the file)'))
    .addOption(option(place, '--force', 'replace what is there'));
  addOutputOptions(command).action((path: string, options: ImportOptions) =>
    run('import', flagsOf(command), (session) => importModel(path, options, session)),
  );
}

async function importModel(path: string, options: ImportOptions, session: Session): Promise<Outcome> {
  const folder = options.output ?? toDefaultFolder(path);
  await requireFree(folder, options.force ?? false);
  const importedFrom = basename(resolve(path));
  const { architecture, metadata } = await withModel({ kind: 'file', path }, session, async (worker, facts) => {
    await worker.call('keep', { path: folder, importedFrom });
    return facts;
  });
  const { params, macs } = countArchitecture(architecture);
  const summary = {
    path: folder,
    architecture: architecture.name,
    nodes: architecture.nodes.length,
    params,
    macs,
    classes: architecture.classes,
  };
  return {
    document: async () => ({
      conditions: await loadConditions(session),
      verdict: 'valid',
      reasons: [],
      summary,
      results: architecture.nodes.map(({ id, op }) => ({ id, op })),
    }),
    text: () => {
      const { classNames, normalization } = metadata;
      const list = toTextList([
        ['Network', `${architecture.name}, ${architecture.nodes.length} nodes`],
        ['Images', `${architecture.input.join('x')}${normalization ? ', normalised as the file says' : ', of pixels as they are'}`],
        ['Classes', `${architecture.classes}${classNames ? '' : ', without names'}`],
        ['Parameters', `${formatInteger(params)} (${formatBytes(4 * params)})`],
        ['MACs of an image', formatInteger(macs)],
      ]);
      const next = (rate: number) =>
        [
          ['Look at it', `precrop describe ${folder}`],
          ['Fine-tune it', `precrop train --from ${folder} --peak-lr ${rate} --epochs 5`],
        ] as const;
      const isFolded = !architecture.nodes.some(({ op }) => op === 'batch-norm');
      const note =
        'Its batch norms, if it had any, are folded into the convolutions: fine-tuning it bears small learning rates alone. A file with batch norms (precrop export --no-fold) trains better.';
      return [
        `Imported: ${importedFrom} is kept in ${folder}`,
        '',
        list,
        ...(isFolded ? ['', wrapText(note, session.width)] : []),
        '',
        toTextList(next(isFolded ? 0.001 : 0.02)),
      ].join('\n');
    },
  };
}

/** `net.onnx` → `net-imported`. */
function toDefaultFolder(path: string): string {
  const name = basename(resolve(path).replace(/[/\\]model\.json$/, ''));
  return `${name.replace(/\.onnx$/i, '')}-imported`;
}

/** @throws UsageError where something is there that may not be replaced. */
async function requireFree(folder: string, force: boolean): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found) return;
  if (!force) throw new UsageError(`${folder} is there already. Choose another with -o, or replace it with --force.`);
  if (!(await isModelFolder(folder)))
    throw new UsageError(`${folder} is no imported model, so it is not replaced. Choose another with -o.`);
}
