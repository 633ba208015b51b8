export interface TableColumn {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly align?: 'left' | 'right';
  /** In a narrow terminal it may become as narrow as this. */
  readonly least?: number;
}

const gap = '  ';

/**
 * A table as text: a header, a rule and a line a row. Where it is wider than `width`, columns that may become narrower lose the middle of their
 * texts, for names differ at both ends.
 */
export function toTextTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): string {
  const titles = columns.map(({ title }) => title);
  const widths = shrink(
    columns,
    columns.map((_, column) => Math.max(...[titles, ...rows].map((row) => row[column]?.length ?? 0))),
    width,
  );
  const toLine = (cells: readonly string[]): string =>
    columns
      .map(({ align }, column) => {
        const cell = cutMiddle(cells[column] ?? '', widths[column] ?? 0);
        return align === 'right' ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
      })
      .join(gap)
      .trimEnd();
  return [toLine(titles), widths.map((size) => '-'.repeat(size)).join(gap), ...rows.map(toLine)].join('\n');
}

/** Names and values, one pair a line. */
export function toTextList(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}${gap}${value}`).join('\n');
}

/** Text in lines of at most `width` characters; a longer word has a line of its own. */
export function wrapText(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += `${line.trim() === '' ? '' : ' '}${word}`;
  }
  return [...lines, line].join('\n');
}

/** Text whose short lines stay as they are. */
export function wrapLongLines(text: string, width: number): string {
  const lines = text.split('\n');
  return lines.map((line) => (line.length > width ? wrapText(line, width) : line)).join('\n');
}

// The column with the most to give gives way, a character at a time.
function shrink(columns: readonly TableColumn[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const spare = (column: number): number => (widths[column] ?? 0) - (columns[column]?.least ?? Number.POSITIVE_INFINITY);
  let excess = widths.reduce((sum, size) => sum + size, gap.length * (widths.length - 1)) - width;
  for (; excess > 0; excess--) {
    const most = columns.map((_, column) => column).reduce((best, column) => (spare(column) > spare(best) ? column : best));
    if (spare(most) <= 0) break;
    widths[most] = (widths[most] ?? 0) - 1;
  }
  return widths;
}

function cutMiddle(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.floor((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}
