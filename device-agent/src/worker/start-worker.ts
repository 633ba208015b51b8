import { type ChildProcess, fork } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type RunContext, throwIfCancelled } from '@precrop/sdk/core/context';
import { BackendError, CancelledError, fromErrorData } from '@precrop/sdk/core/errors';
import type { ResidentMemory } from '../measure/peak-rss.js';
import { cpuTimeMethod, memoryMethod, type ParentMessage, restartMemoryMethod, startId, type WorkerMessage } from './messages.js';
import type { ParametersOf, ResultOf, ServiceMethods } from './service.js';
import type { ServiceMap, ServiceName } from './services.js';
import { toWorkerEnvironment } from './worker-environment.js';

export interface WorkerOptions {
  /** Receives the worker's events; its signal cancels the worker. */
  readonly context: RunContext;
  readonly env?: Readonly<Record<string, string>>;
  /** Threads of the native library; its own choice where left out. */
  readonly threads?: number;
  /** Node's flags. */
  readonly flags?: readonly string[];
}

export interface WorkerHandle<Methods> {
  readonly pid: number;
  /** @throws what the method throws; BackendError when the process ended before it answered. */
  call<Name extends keyof Methods & string>(method: Name, ...params: ParametersOf<Methods[Name]>): Promise<ResultOf<Methods[Name]>>;
  /** Resident memory of the worker's process: now, and its highest since its start or `restartPeakRss`. */
  peakRss(): Promise<ResidentMemory>;
  restartPeakRss(): Promise<void>;
  /** CPU time that the worker's process took since its start, of all its threads. */
  cpuTimeMs(): Promise<number>;
  /** Lets the service close and its process end. */
  close(): Promise<void>;
  /** Ends the process at once. */
  kill(): void;
}

/** How long a cancelled or closed worker may take to come to its end, ms. */
const graceMs = 10_000;
const keptErrorOutput = 2048; // characters

/**
 * Runs a service in a process of its own: a crash of a native library becomes a BackendError here. A service is a name of `ServiceMap`,
 * or the URL of a module that exports `createService`. Cancelling the context's signal cancels the service's; a worker that has not ended 10 s
 * later is killed.
 * @throws what making the service throws.
 */
export async function startWorker<Name extends ServiceName>(
  service: Name,
  input: ServiceMap[Name]['input'],
  options: WorkerOptions,
): Promise<WorkerHandle<ServiceMap[Name]['methods']>>;
export async function startWorker<Methods>(service: URL, input: unknown, options: WorkerOptions): Promise<WorkerHandle<Methods>>;
export async function startWorker(service: string | URL, input: unknown, options: WorkerOptions): Promise<WorkerHandle<ServiceMethods>> {
  const { context } = options;
  throwIfCancelled(context);
  const child = fork(fileURLToPath(new URL('./main.js', import.meta.url)), [], {
    env: toWorkerEnvironment(process.env, options),
    execArgv: [...(options.flags ?? [])],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const connection = connect(child, String(service), context);
  const seed = context.rng.fork('worker', String(service)).integer(0, 2 ** 31 - 1);
  await connection.request(startId, { type: 'start', service: String(service), input, seed }).catch((error: unknown) => {
    connection.kill();
    throw error;
  });

  let calls = 0;
  const call = (method: string, params?: unknown): Promise<unknown> => {
    const id = ++calls;
    return connection.request(id, { type: 'call', id, method, params });
  };
  return {
    pid: child.pid ?? 0,
    call: call as WorkerHandle<ServiceMethods>['call'],
    peakRss: () => call(memoryMethod) as Promise<ResidentMemory>,
    restartPeakRss: () => call(restartMemoryMethod) as Promise<void>,
    cpuTimeMs: () => call(cpuTimeMethod) as Promise<number>,
    close: connection.close,
    kill: connection.kill,
  };
}

interface Connection {
  request(id: number, message: ParentMessage): Promise<unknown>;
  close(): Promise<void>;
  kill(): void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

function connect(child: ChildProcess, service: string, { signal, emit }: RunContext): Connection {
  const pending = new Map<number, Pending>();
  let errorOutput = '';
  let ended: Error | undefined;
  let deadline: NodeJS.Timeout | undefined;

  const send = (message: ParentMessage): void => {
    if (child.connected) child.send(message, () => {}); // a failure is told by the exit
  };
  const kill = (): void => void child.kill('SIGKILL');
  const endSoon = (message: ParentMessage): void => {
    send(message);
    deadline ??= setTimeout(kill, graceMs);
  };
  const cancel = (): void => endSoon({ type: 'cancel', reason: typeof signal.reason === 'string' ? signal.reason : undefined });
  setMaxListeners(0, signal); // one a worker, and there may be many
  signal.addEventListener('abort', cancel, { once: true });

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-keptErrorOutput);
  });
  child.on('message', (message: WorkerMessage) => {
    if (message.type === 'event') return emit(message.event);
    const waiting = pending.get(message.id);
    pending.delete(message.id);
    if (message.type === 'result') waiting?.resolve(message.result);
    else waiting?.reject(fromErrorData(message.error));
  });
  const exited = new Promise<void>((resolve) => {
    const end = (error: Error): void => {
      ended ??= error;
      clearTimeout(deadline);
      signal.removeEventListener('abort', cancel);
      for (const { reject } of pending.values()) reject(ended);
      pending.clear();
      resolve();
    };
    child.once('error', (cause) => {
      if (child.pid === undefined) end(new BackendError(`The worker "${service}" could not be started: ${cause.message}.`, { cause }));
    });
    child.once('close', (code, name) => end(signal.aborted ? new CancelledError() : describeEnd(service, code, name, errorOutput)));
  });

  return {
    kill,
    request(id, message) {
      return new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        pending.set(id, { resolve, reject });
        send(message);
      });
    },
    close() {
      endSoon({ type: 'close' });
      return exited;
    },
  };
}

function describeEnd(service: string, exitCode: number | null, signal: string | null, errorOutput: string): BackendError {
  const how = signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
  const lastLine = errorOutput.trim().split('\n').filter(isComplaint).at(-1) ?? '';
  const hint = signal === 'SIGKILL' ? ' The system may have run out of memory: try a smaller batch or narrower widths.' : '';
  const said = lastLine === '' ? '' : ` It said last: ${lastLine}`;
  return new BackendError(`The process of "${service}" ended with ${how} before it answered.${hint}${said}`, {
    details: { exitCode, signal, errorOutput },
  });
}

/** TensorFlow greets on stderr before it reads its log level: information lines, and a line about them. */
function isComplaint(line: string): boolean {
  return !/^I\d{4} |^WARNING: All log messages before absl/.test(line);
}
