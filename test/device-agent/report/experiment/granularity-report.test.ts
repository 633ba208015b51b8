import { jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { drawGranularityAccuracy } from '@precrop/device-agent/report/charts/granularity-accuracy';
import { drawGranularityDifferences } from '@precrop/device-agent/report/charts/granularity-differences';
import { toEvidenceDetails, toEvidenceTable } from '@precrop/device-agent/report/experiment/evidence-table';
import { formatInterval, formatSigned } from '@precrop/device-agent/report/experiment/format-difference';
import { toGranularityPage } from '@precrop/device-agent/report/experiment/granularity-page';
import { toGranularityRows } from '@precrop/device-agent/report/experiment/granularity-table';
import { test } from 'uvu';
import { equal, is, match, not, ok } from 'uvu/assert';
import { syntheticResults } from '../../experiment/synthetic-results.js';
import { matchesGoldenChart } from '../golden.js';
import { clearResults, syntheticGranularityReport } from './synthetic-granularity.js';

const report = syntheticGranularityReport();
const partial = syntheticGranularityReport(clearResults.slice(0, 5));
const page = toGranularityPage(report);

const charts = {
  'granularity-accuracy': (of: typeof report, width: number) => drawGranularityAccuracy(of.results, width),
  'granularity-differences': (of: typeof report, width: number) => drawGranularityDifferences(of.results, of.pooled, width),
} as const;

for (const [name, draw] of Object.entries(charts)) {
  test(`${name} is the reviewed picture`, () => matchesGoldenChart(name, draw(report, 640)));

  test(`${name} stands alone, says what it shows, and takes its colours from the page`, () => {
    for (const width of [340, 860]) {
      const svg = draw(report, width);
      match(svg, `viewBox="0 0 ${width} `);
      match(svg, /aria-label="[^"]{40,}"/);
      match(svg, 'var(--crop');
      not.match(svg, /NaN|undefined|Infinity/);
      not.match(svg.replace('http://www.w3.org/2000/svg', ''), /https?:|href|url\(/);
    }
  });

  test(`${name} draws one seed and missing kinds`, () => not.match(draw(partial, 480), /NaN|undefined|Infinity/));
}

test('accuracy has a dot a training; differences have one a pair, and lines only where there are intervals', () => {
  const circles = (svg: string): number => [...svg.matchAll(/<circle /g)].length;
  is(circles(charts['granularity-accuracy'](report, 640)), clearResults.length - 3);
  const pairs = report.results.reduce((sum, { difference }) => sum + (difference?.bySeed.length ?? 0), 0);
  is(pairs, 4 * 2 * 3);
  is(circles(charts['granularity-differences'](report, 640)), pairs);
});

test('the document has the frame of every --json document, and plain numbers in its summary', () => {
  const { schemaVersion, command, conditions, verdict, reasons, summary, results } = JSON.parse(JSON.stringify(report));
  const document = jsonDocumentSchema.parse({ schemaVersion, command, conditions, verdict, reasons, summary, results });
  const crop = report.pooled.find(({ realisation }) => realisation === 'crop');
  is(document.summary['meanDifferenceCrop'], crop?.byPair.mean);
  is(document.summary['meanDifferenceCropBySeedHigh'], crop?.bySeed?.high);
  is(document.summary['trainings'], clearResults.length);
  is(partial.summary['meanDifferenceCropLow'], null);
});

test('every number of a row follows from the trainings in the document', () => {
  for (const { trainings, accuracy, difference, ...group } of report.results) {
    const mean = trainings.reduce((sum, each) => sum + each.accuracy, 0) / trainings.length;
    ok(Math.abs(accuracy.mean - mean) < 1e-12);
    const partner = report.results.find(
      (other) => other.source === group.source && other.density === group.density && other.realisation === 'unstructured',
    );
    for (const { seed, difference: found } of difference?.bySeed ?? []) {
      const [own, other] = [trainings, partner?.trainings ?? []].map(
        (list) => list.find((each) => each.seed === seed)?.accuracy ?? Number.NaN,
      );
      is(found, (own ?? 0) - (other ?? 0));
    }
  }
});

test('the page loads nothing, holds the whole report, and its elements close', () => {
  const own = page.replaceAll('xmlns="http://www.w3.org/2000/svg"', '');
  not.match(own, /https?:|\s(src|href|srcset)\s*=|@import|url\(/i);
  const json = /id="report-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  equal(JSON.parse(json), JSON.parse(JSON.stringify(report)));
  const body = page.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>/g, '');
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of body.matchAll(/<(\/?)([a-z][\w]*)([^>]*)>/gi)) {
    if (['meta', 'br'].includes(name) || rest.endsWith('/')) continue;
    if (slash === '') open.push(name);
    else is(open.pop(), name);
  }
  equal(open, []);
});

test('names from outside cannot become markup', () => {
  const attack = '</script><script>alert(1)</script><b a="\'">';
  const poisoned = toGranularityPage({
    ...report,
    setting: { ...report.setting, architecture: attack, backend: attack },
    results: report.results.map((group) => (group.source === undefined ? group : { ...group, source: attack })),
    reasons: [attack],
  });
  is([...poisoned.matchAll(/<script/g)].length, [...page.matchAll(/<script/g)].length);
  not.match(poisoned, '<b a=');
});

test('what is missing has a card of its own, and a whole experiment has none', () => {
  match(toGranularityPage(partial), 'What is missing');
  not.match(page, 'What is missing');
  for (const few of [[], clearResults.slice(0, 1), clearResults.slice(1, 2)]) {
    const html = toGranularityPage(syntheticGranularityReport(few));
    not.match(html, /NaN|Infinity|undefined/);
    match(html, 'What is missing');
  }
});

test('the rows: sources that look at weights first, the original before all', () => {
  const rows = toGranularityRows(report.results);
  is(rows[0]?.realisation, 'original');
  is(rows[1]?.where, 'synflow at 20 %');
  is(rows.at(-1)?.where, 'erk at 10 %');
  is(rows.length, 1 + 4 * 3);
});

test('the Markdown has a line a combination, says that it is unfinished, and links to the whole', () => {
  const text = toEvidenceTable(report, 'profiles/evidence/x');
  is([...text.matchAll(/^\| (synflow|erk) at /gm)].length, 4);
  match(text, '(profiles/evidence/x)');
  match(text, /\(3 seeds\)/);
  match(text, '- A check on chance: masks of erk are drawn at random anyway');
  not.match(text, /unfinished|missing|one seed/);
  const unfinished = toEvidenceTable(partial, 'x');
  match(unfinished, '**unfinished, 5 of 39 trainings are there**');
  match(unfinished, 'one seed: no interval');
  for (const each of [text, unfinished, toEvidenceDetails(report)]) {
    const tables = each.split('\n').filter((line) => line.startsWith('|'));
    is(new Set(tables.map((line) => line.split('|').length)).size, 1, 'as many cells in every line');
  }
});

test('differences have a sign, and what rounds to nothing has none', () => {
  is(formatSigned(0.0123), '+1.2');
  is(formatSigned(-0.0123, 2), '-1.23');
  is(formatSigned(-0.0001), '0.0');
  is(formatInterval({ mean: 0, count: 3, deviation: 1, degreesOfFreedom: 2, low: -0.01, high: 0.02 }), '-1.0 to +2.0');
});

test('the same results give the same page', () => {
  is(toGranularityPage(syntheticGranularityReport(syntheticResults({ crop: -0.02 }))), page);
});

test.run();
