import { readFileSync } from 'node:fs';
import { studentT } from '@precrop/device-agent/measure/student-t';
import { test } from 'uvu';
import { is, throws } from 'uvu/assert';
import { near } from '../../support/near.js';

interface Golden {
  readonly quantiles: readonly { readonly confidence: number; readonly degreesOfFreedom: number; readonly t: number }[];
}

test('one and two degrees of freedom have closed forms', () => {
  for (const confidence of [0.1, 0.5, 0.8, 0.95, 0.999]) {
    near(studentT(confidence, 1) / Math.tan((Math.PI * confidence) / 2), 1, 1e-12);
    near(studentT(confidence, 2) / (confidence * Math.sqrt(2 / (1 - confidence ** 2))), 1, 1e-12);
  }
});

test('more certainty reaches further, more degrees of freedom less far, towards the normal distribution', () => {
  for (let degrees = 1; degrees < 40; degrees++) {
    is(studentT(0.95, degrees) > studentT(0.95, degrees + 1), true, `${degrees}`);
    is(studentT(0.96, degrees) > studentT(0.95, degrees), true, `${degrees}`);
  }
  near(studentT(0.95, 100_001), 1.959964, 1e-4);
  near(studentT(0.95, 100_000), 1.959964, 1e-4);
});

test('the table of every textbook, at 95 %', () => {
  const table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
  for (const [index, t] of table.entries()) near(studentT(0.95, index + 1), t, 6e-4);
});

test('the density, integrated independently, says the same', () => {
  const path = new URL('../../../golden/statistics/statistics.json', import.meta.url);
  const { quantiles } = JSON.parse(readFileSync(path, 'utf8')) as Golden;
  is(quantiles.length, 24);
  for (const { confidence, degreesOfFreedom, t } of quantiles) near(studentT(confidence, degreesOfFreedom) / t, 1, 1e-6);
});

test('nothing repeated gives no bound, and what is no number of degrees is refused', () => {
  is(studentT(0.95, 0), Number.POSITIVE_INFINITY);
  for (const degrees of [-1, 1.5, Number.NaN]) throws(() => studentT(0.95, degrees), RangeError);
  for (const confidence of [0, 1, Number.NaN]) throws(() => studentT(confidence, 2), RangeError);
});

test.run();
