import { toTextList, toTextTable, wrapLongLines, wrapText } from '@precrop/device-agent/cli/text-table';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const columns = [
  { title: 'name', least: 12 },
  { title: 'n', align: 'right' },
] as const;
const rows = [
  ['stage1.block1.shortcut.conv', '8'],
  ['stem', '1,024'],
];

test('columns stand below each other; numbers on the right', () => {
  assert.is(
    toTextTable(columns, rows, Number.POSITIVE_INFINITY),
    [
      'name                             n',
      '---------------------------  -----',
      'stage1.block1.shortcut.conv      8',
      'stem                         1,024',
    ].join('\n'),
  );
});

test('a narrow terminal cuts the middle of names, never numbers', () => {
  for (let width = 19; width < 40; width++) {
    const lines = toTextTable(columns, rows, width).split('\n');
    assert.ok(lines.every((line) => line.length <= width));
    assert.ok(lines[2]?.startsWith('stage') && lines[2].endsWith('8'));
  }
  assert.match(toTextTable(columns, rows, 20), 'stage1…t.conv');
});

test('wrapped text keeps its words and its width', () => {
  const text = 'The quick brown fox jumps over the lazy dog.';
  for (let width = 6; width < 50; width++) {
    const lines = wrapText(text, width).split('\n');
    assert.is(lines.join(' '), text);
    assert.ok(lines.every((line) => line.length <= width));
  }
  assert.is(wrapLongLines('a    b\nlong words here', 10), 'a    b\nlong words\nhere');
});

test('a list puts its values below each other', () => {
  assert.is(
    toTextList([
      ['a', '1'],
      ['long', '2'],
    ]),
    'a     1\nlong  2',
  );
});

test.run();
