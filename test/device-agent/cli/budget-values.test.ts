import { parseAsked, toBudget } from '@precrop/device-agent/cli/budget-values';
import { UsageError } from '@precrop/sdk/core/errors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('units are what they say', () => {
  const parse = (kind: 'time' | 'bytes' | 'count', text: string) => parseAsked('--x', kind)(text);
  assert.equal(
    ['2ms', '1500us', '0.5 s', '.5ms'].map((text) => parse('time', text)),
    [{ value: 2 }, { value: 1.5 }, { value: 500 }, { value: 0.5 }],
  );
  assert.equal(
    ['64MiB', '1kB', '2 GB', '10B', '1KiB'].map((text) => parse('bytes', text)),
    [{ value: 67108864 }, { value: 1000 }, { value: 2e9 }, { value: 10 }, { value: 1024 }],
  );
  assert.equal(
    ['70k', '10M', '123'].map((text) => parse('count', text)),
    [{ value: 70_000 }, { value: 10e6 }, { value: 123 }],
  );
  assert.equal([parse('time', '50%'), parse('bytes', '12.5 %')], [{ share: 0.5 }, { share: 0.125 }]);
});

test('what has no unit, another unit or is not above 0 is told', () => {
  const wrong = [
    ['time', '2'],
    ['time', '2MB'],
    ['bytes', '64'],
    ['bytes', '0MB'],
    ['time', '-1ms'],
    ['count', '5ms'],
    ['time', ''],
    ['time', '0%'],
    ['time', '1e3ms'],
  ] as const;
  for (const [kind, text] of wrong) {
    assert.throws(
      () => parseAsked('--latency', kind)(text),
      (error: Error) => error instanceof UsageError && error.message.includes(`"${text}"`),
      `${kind} ${text}`,
    );
  }
});

test('shares are of the original; of what is not known there are none', () => {
  assert.equal(toBudget({ latencyMs: { share: 0.5 }, params: { value: 9 } }, { latencyMs: 4 }), { latencyMs: 2, params: 9 });
  assert.throws(() => toBudget({ memoryBytes: { share: 0.5 } }, { latencyMs: 4 }), /not known/);
});

test.run();
