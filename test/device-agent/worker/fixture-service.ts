import type { CreateService } from '@precrop/device-agent/worker/service';
import { UsageError } from '@precrop/sdk/core/errors';

export interface FixtureInput {
  readonly failToStart?: boolean;
  readonly values?: Float32Array;
}

/** What the tests of `startWorker` make a worker do. */
export interface FixtureMethods {
  sum(): Promise<number>;
  double(params: { readonly values: Float32Array }): Promise<Float32Array>;
  draw(): Promise<number>;
  fail(): Promise<never>;
  crash(): Promise<never>;
  exit(params: { readonly code: number; readonly words: string }): Promise<never>;
  count(params: { readonly steps: number }): Promise<number>;
  waitForCancel(): Promise<string>;
  readVariable(params: { readonly name: string }): Promise<string | undefined>;
}

const never = (): Promise<never> => new Promise(() => {});

export const createService: CreateService<FixtureInput, FixtureMethods> = async ({ failToStart, values }, context) => {
  if (failToStart) throw new UsageError('The fixture was told to fail.', { details: { told: true } });
  return {
    methods: {
      sum: async () => (values ?? new Float32Array()).reduce((sum, value) => sum + value, 0),
      double: async ({ values: doubled }) => doubled.map((value) => 2 * value),
      draw: async () => context.rng.uniform(),
      fail: () => Promise.reject(new UsageError('A width is 0, but must be at least 1.', { details: { width: 0 } })),
      crash() {
        process.kill(process.pid, 'SIGSEGV');
        return never();
      },
      exit({ code, words }) {
        process.stderr.write(`${words}\n`, () => process.exit(code));
        return never();
      },
      async count({ steps }) {
        for (let done = 1; done <= steps; done++) context.emit({ type: 'progress', name: 'count', done, total: steps, unit: 'items' });
        return steps;
      },
      waitForCancel: () =>
        new Promise((resolve) => {
          context.signal.addEventListener('abort', () => resolve(String(context.signal.reason)));
          context.emit({ type: 'phase', name: 'waiting' });
        }),
      readVariable: async ({ name }) => process.env[name],
    },
  };
};
