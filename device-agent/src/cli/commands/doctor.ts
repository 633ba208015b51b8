import type { RunContext } from '@precrop/sdk/core/context';
import { BackendError } from '@precrop/sdk/core/errors';
import type { Command } from 'commander';
import { loadHost } from '../../host/host.js';
import { cacheDirectory } from '../../setup/cache-directory.js';
import { type DoctorReport, type DoctorRow, toDoctorReport } from '../../setup/doctor.js';
import { findNativeLibrary, setUpNativeLibrary } from '../../setup/native-library.js';
import { probeLadder } from '../../setup/probe-backend.js';
import { probeRuntimeLadder } from '../../setup/probe-runtime.js';
import { createSetupHost } from '../../setup/setup-host.js';
import type { Outcome, Session } from '../command-line.js';
import { toConditions } from '../conditions.js';
import { addOutputOptions, flagsOf, option, type RunAction } from '../define-command.js';
import { toTextList, toTextTable, wrapText } from '../text-table.js';

export function addDoctor(program: Command, run: RunAction): void {
  const command = program
    .command('doctor')
    .summary('show which backends and runtimes work on this machine, why others do not, and what to do')
    .addOption(option('What to do:', '--repair', 'set the native library up anew'));
  addOutputOptions(command).action((options: { readonly repair?: boolean }) =>
    run('doctor', flagsOf(command), (session) => examine(options.repair ?? false, session)),
  );
}

async function examine(repair: boolean, session: Session): Promise<Outcome> {
  if (repair) await repairNativeLibrary(session);
  const [report, host] = await session.progress.run({ title: 'Asking each backend and runtime in a process of its own' }, () =>
    Promise.all([createReport(session.context), loadHost()]),
  );
  const { backend, runtime, rows } = report;
  return {
    document: () => ({
      conditions: toConditions(host, session, { runtime: 'auto', runtimeUsed: backend ?? 'none' }),
      verdict: 'valid',
      reasons: [],
      summary: { backend, runtime },
      results: rows,
    }),
    text: () => {
      const about = toTextList([
        ['Machine', host.device],
        ['System', `${host.os}, Node ${process.versions.node}, power: ${host.power}`],
        ['Kept files', cacheDirectory()],
      ]);
      return `${toLadder(report, session.width)}\n\n${about}`;
    },
  };
}

/** @throws BackendError with the reason and what to do, where it does not succeed. */
async function repairNativeLibrary({ progress, context }: Session): Promise<void> {
  const result = await progress.run(
    { title: 'Native library' },
    (emit) => setUpNativeLibrary(createSetupHost({ signal: context.signal, emit }), { retry: true }),
    (library) => (library.status === 'ready' ? `libtensorflow ${library.version} is ready` : 'could not be set up'),
  );
  if (result.status === 'absent') throw new BackendError(`${result.reason} ${result.remedy}`);
}

async function createReport(context: RunContext): Promise<DoctorReport> {
  const backends = await probeLadder(context);
  const runtimes = await probeRuntimeLadder(context);
  const nativeLibrary = await findNativeLibrary(createSetupHost({ signal: context.signal }));
  return toDoctorReport({ backends, runtimes, nativeLibrary });
}

const marks: Readonly<Record<DoctorRow['status'], string>> = { ready: '✓', limited: '~', absent: '✗', broken: '✗' };

function toLadder({ rows, backend, runtime }: DoctorReport, width: number): string {
  const table = toTextTable(
    [{ title: '' }, { title: 'name' }, { title: 'for' }, { title: 'state' }, { title: 'version' }, { title: 'device', least: 12 }],
    rows.map(({ name, kind, status, version, device }) => [
      marks[status],
      name,
      kind === 'backend' ? 'training' : 'inference',
      status,
      version ?? '-',
      device ?? '-',
    ]),
    width,
  );
  const notes = rows.flatMap(({ name, kind, status, reason, remedy }) => {
    const text = [reason, remedy]
      .filter((part) => part !== null)
      .map(toSentence)
      .join(' ');
    return text === '' ? [] : [wrapText(`${marks[status]} ${name} (${kind}): ${text}`, width)];
  });
  const used =
    backend === null
      ? 'No backend works here: nothing can be trained on this machine yet.'
      : `Used when nothing else is asked for: ${backend} for training${runtime === null ? '' : `, ${runtime} for inference`}.`;
  return [table, ...(notes.length > 0 ? ['', ...notes] : []), '', wrapText(used, width)].join('\n');
}

function toSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
