import { readFileSync } from 'node:fs';
import { createArchitecture, listArchitectures } from '@precrop/sdk/architectures/registry';
import { countArchitecture } from '@precrop/sdk/ir/count';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** A row of golden/counts/counts.json, which make-counts.py beside it wrote. */
interface Row {
  readonly name: string;
  readonly params: number;
  readonly prunable: number;
  readonly macs: number;
  readonly published?: number;
  readonly source: string;
}
const rows: readonly Row[] = JSON.parse(readFileSync(new URL('../../../golden/counts/counts.json', import.meta.url), 'utf8'));

for (const { name, params, prunable, macs, published, source } of rows) {
  test(`${name} counts as ${source}`, () => {
    const count = countArchitecture(createArchitecture(name));
    assert.equal([count.params, count.prunable, count.macs], [params, prunable, macs]);
    if (published !== undefined) assert.is(count.params, published);
  });
}

test('every published member has a row', () => {
  const checked = new Set(rows.map(({ name }) => name));
  const names = listArchitectures().flatMap(({ published }) => published);
  assert.equal(
    names.filter((name) => !checked.has(name)),
    [],
  );
  assert.ok(names.length > 40);
});

// [params, MACs] in millions, arXiv 1704.04861, table 6.
const mobilenetPaper: Readonly<Record<string, readonly [string, string]>> = {
  'mobilenet-v1-x1.0': ['4.2', '569'],
  'mobilenet-v1-x0.75': ['2.6', '325'],
  'mobilenet-v1-x0.5': ['1.3', '149'],
  'mobilenet-v1-x0.25': ['0.5', '41'],
};

test('MobileNetV1 counts as its paper prints', () => {
  for (const [name, [params, macs]] of Object.entries(mobilenetPaper)) {
    const count = countArchitecture(createArchitecture(name));
    assert.equal([(count.params / 1e6).toFixed(1), (count.macs / 1e6).toFixed(0)], [params, macs], name);
  }
});

test.run();
