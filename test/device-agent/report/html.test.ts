import { createReport } from '@precrop/device-agent/report/create-report';
import { toHtml } from '@precrop/device-agent/report/html';
import { escapeHtml, typeset } from '@precrop/device-agent/report/markup';
import { test } from 'uvu';
import { equal, is, match, not } from 'uvu/assert';
import { cropTraits, originalTraits, syntheticConditions, syntheticContender, syntheticReport } from './synthetic-report.js';

const report = syntheticReport();
const html = toHtml(report);

test('the page loads nothing: no address, no import, no outside source', () => {
  const own = html.replaceAll('xmlns="http://www.w3.org/2000/svg"', '');
  not.match(own, /https?:|\/\/[a-z]+\./i);
  not.match(own, /\s(src|href|srcset|action|data|poster|background)\s*=/i);
  not.match(own, /@import|url\(|<(link|iframe|img|object|embed)\b|fetch\(|XMLHttpRequest|import\(/i);
});

test('it has both themes, by preference and by hand', () => {
  match(html, '@media (prefers-color-scheme: dark)');
  match(html, ':root[data-theme="dark"]');
  match(html, ':root:not([data-theme="light"])');
  match(html, 'id="theme"');
});

test('every colour that a chart names is defined in both themes', () => {
  const named = new Set([...html.matchAll(/var\((--[a-z-]+)/g)].map(([, name]) => name));
  for (const name of named) is([...html.matchAll(new RegExp(`${name}: #`, 'g'))].length >= 3, true, `${name} lacks a theme`);
});

test('the runtime of the inference times is named, with those it was chosen among; without a choice nothing is said of one', () => {
  match(html, 'onnxruntime (asked for the fastest of onnxruntime, tflite)');
  match(html, 'in the runtime of this machine that is fastest for it');
  const { inference: _, ...conditions } = syntheticConditions;
  const plain = toHtml(createReport(conditions, ...report.results));
  not.match(plain, 'asked for the fastest');
  not.match(plain, 'that is fastest for it');
});

test('the raw data inside is the report, whole', () => {
  const json = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  equal(JSON.parse(json), report);
});

test('text from outside cannot become markup, in the page, a chart or the data', () => {
  const attack = '</script><script>alert(1)</script><b a="\'">&amp;';
  const conditions = {
    ...syntheticConditions,
    device: attack,
    cpu: attack,
    crop: attack,
    versions: { [attack]: attack },
    dataset: { ...syntheticConditions.dataset, name: attack, source: attack },
  };
  const original = syntheticContender('original', originalTraits);
  const crop = syntheticContender('crop', cropTraits);
  const poisoned = createReport(
    conditions,
    { ...original, architecture: attack },
    {
      ...crop,
      widths: [{ group: attack, width: 8, originalWidth: 16 }],
      trainStep: { ...crop.trainStep, verdict: 'noisy', reasons: [attack] },
    },
  );
  const page = toHtml(poisoned);
  is([...page.matchAll(/<script/g)].length, [...html.matchAll(/<script/g)].length);
  not.match(page, '<b a=');
  const json = /id="report-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  equal(JSON.parse(json), poisoned);
});

test('a noisy number is marked, with the reason', () => {
  const [original, crop] = report.results;
  const page = toHtml(
    createReport(syntheticConditions, original, {
      ...crop,
      trainStep: { ...crop.trainStep, verdict: 'noisy', reasons: ['blocks differ by a fifth'] },
    }),
  );
  match(page, '<span class="doubt">noisy</span>');
  match(page, 'blocks differ by a fifth');
  not.match(html, '<span class="doubt">');
});

test('every condition is on the page', () => {
  const { conditions } = report;
  for (const value of [
    conditions.device,
    conditions.cpu,
    conditions.os,
    conditions.dataset.source,
    conditions.recipe.augmentation,
    conditions.crop,
  ]) {
    match(html, typeset(value));
  }
  for (const [name, version] of Object.entries(conditions.versions)) match(html, typeset(`${name} ${version}`));
});

test('elements close in the order they open', () => {
  const body = html.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>/g, '');
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of body.matchAll(/<(\/?)([a-z][\w]*)([^>]*)>/gi)) {
    if (['meta', 'br'].includes(name) || rest.endsWith('/')) continue;
    if (slash === '') open.push(name);
    else is(open.pop(), name);
  }
  equal(open, []);
});

test('escaped text has no character that markup needs', () => {
  not.match(escapeHtml(`<a href="x" b='y'>&`), /[<>"']|&(?!#\d+;)/);
});

test('typeset sets ×, units and minus, and leaves names alone', () => {
  is(typeset('2.4x faster, 83 ms, -4.4 points'), '2.4× faster, 83\u00a0ms, −4.4\u00a0points');
  is(typeset('mobilenet-v2-x1.0-cifar 32x32'), 'mobilenet-v2-x1.0-cifar 32x32');
});

test.run();
