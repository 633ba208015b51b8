/** The worker's process: `startWorker` forks it. It makes one service, answers calls, and ends when the parent closes it or is gone. */
import { createContext } from '@precrop/sdk/core/context';
import { toErrorData, UsageError } from '@precrop/sdk/core/errors';
import { measureResidentMemory, restartPeakRss } from '../measure/peak-rss.js';
import { measureOwnCpuMs } from '../measure/process-cpu-time.js';
import { createEventChannel } from './event-channel.js';
import { cpuTimeMethod, memoryMethod, type ParentMessage, restartMemoryMethod, startId, type WorkerMessage } from './messages.js';
import type { CreateService, Service, ServiceMethods } from './service.js';
import { type ServiceName, services } from './services.js';

type AnyService = Service<ServiceMethods>;
// biome-ignore lint/suspicious/noExplicitAny: the parent's types pair the input with the service
type AnyCreate = CreateService<any, ServiceMethods>;

const cancellation = new AbortController();
const events = createEventChannel(
  (event) => send({ type: 'event', event }),
  () => performance.now(),
);
let service: Promise<AnyService> = Promise.reject(new UsageError('This worker was not started.'));
service.catch(() => {});

// A terminal's Ctrl-C reaches the whole process group: the parent decides what it means and cancels.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ParentMessage) => {
  switch (message.type) {
    case 'start':
      service = start(message);
      return answer(startId, async () => void (await service));
    case 'call':
      return answer(message.id, () => call(message.method, message.params));
    case 'cancel':
      return cancellation.abort(message.reason);
    case 'close':
      return void close();
  }
});

async function start({ service, input, seed }: Extract<ParentMessage, { type: 'start' }>): Promise<AnyService> {
  const context = createContext({ signal: cancellation.signal, emit: events.emit, seed });
  return (await loadService(service))(input, context);
}

async function loadService(name: string): Promise<AnyCreate> {
  if (name in services) return (await services[name as ServiceName]()) as unknown as AnyCreate;
  if (!name.startsWith('file:')) throw new UsageError(`There is no service "${name}". There are: ${Object.keys(services).join(', ')}.`);
  const module = (await import(name)) as { readonly createService: AnyCreate };
  return module.createService;
}

async function call(method: string, params: unknown): Promise<unknown> {
  if (method === memoryMethod) return measureResidentMemory();
  if (method === restartMemoryMethod) return restartPeakRss();
  if (method === cpuTimeMethod) return measureOwnCpuMs();
  const { methods } = await service;
  const run = methods[method];
  if (!run) throw new UsageError(`This worker has no method "${method}". It has: ${Object.keys(methods).join(', ')}.`);
  return run(params);
}

function answer(id: number, work: () => Promise<unknown>): void {
  work().then(
    (result) => respond({ type: 'result', id, result }),
    (error: unknown) => respond({ type: 'error', id, error: toErrorData(error) }),
  );
}

function respond(message: WorkerMessage): void {
  events.flush();
  send(message);
}

async function close(): Promise<void> {
  const closed = service.then((made) => made.close?.());
  await closed.catch(() => {});
  process.exit(0);
}

function send(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}
