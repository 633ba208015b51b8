import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ok } from 'uvu/assert';

/** test/golden/charts, from the compiled place of this file. */
const folder = new URL('../../../golden/charts/', import.meta.url);

/** Compares a chart with the reviewed SVG; PRECROP_UPDATE_GOLDEN=1 writes it instead, for review. */
export function matchesGoldenChart(name: string, svg: string): void {
  const text = `${svg.replaceAll('><', '>\n<')}\n`; // an element a line, so that a change can be read
  const file = new URL(`${name}.svg`, folder);
  if (process.env.PRECROP_UPDATE_GOLDEN === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  const advice = `Run this test with PRECROP_UPDATE_GOLDEN=1, look at test/golden/charts/${name}.svg, and commit it if it is right.`;
  ok(existsSync(file), `test/golden/charts/${name}.svg is missing. ${advice}`);
  ok(text === readFileSync(file, 'utf8'), `The chart ${name} changed. ${advice}`);
}
