import type { RunContext } from '@precrop/sdk/core/context';
import { BackendError } from '@precrop/sdk/core/errors';
import type { Command } from 'commander';
import { describeHost } from '../../host/describe-host.js';
import { toHost } from '../../host/host.js';
import { joinAdapters } from '../../host/join-adapters.js';
import { loadHostDescription } from '../../host/load-host-description.js';
import { cacheDirectory } from '../../setup/cache-directory.js';
import { type DoctorReport, type DoctorRow, type NamedProbe, toDoctorReport } from '../../setup/doctor.js';
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
  const [{ report, probes }, machine] = await session.progress.run(
    { title: 'Asking each backend and runtime in a process of its own' },
    () => Promise.all([createReport(session.context), loadHostDescription()]),
  );
  const { backend, runtime, rows } = report;
  const description = joinAdapters(machine, probes);
  return {
    document: () => ({
      conditions: toConditions(toHost(description), session, { runtime: 'auto', runtimeUsed: backend ?? 'none' }),
      verdict: 'valid',
      reasons: [],
      summary: {
        backend,
        runtime,
        deviceId: description.deviceId,
        usableCores: description.limits.usableCores,
        memoryBytes: description.memory.limitBytes ?? description.memory.totalBytes,
        container: description.limits.container,
      },
      results: rows,
    }),
    text: () => {
      const about = toHangingList([...describeHost(description), ['Kept files', cacheDirectory()]], session.width);
      return `${about}\n\n${toLadder(report, session.width)}`;
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

async function createReport(context: RunContext): Promise<{ readonly report: DoctorReport; readonly probes: readonly NamedProbe[] }> {
  const backends = await probeLadder(context);
  const runtimes = await probeRuntimeLadder(context);
  const nativeLibrary = await findNativeLibrary(createSetupHost({ signal: context.signal }));
  return { report: toDoctorReport({ backends, runtimes, nativeLibrary }), probes: [...backends, ...runtimes] };
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

/** A list whose long lines go on under their beginning. */
function toHangingList(pairs: readonly (readonly [name: string, line: string])[], width: number): string {
  const indent = Math.max(...pairs.map(([name]) => name.length)) + 2;
  const wrap = (line: string): string => wrapText(line, Math.max(30, width - indent)).replaceAll('\n', `\n${' '.repeat(indent)}`);
  return toTextList(pairs.map(([name, line]) => [name, wrap(line)]));
}

function toSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
