import { parsePowerState, toPowerReasons } from '@precrop/device-agent/measure/power-state';
import { judge } from '@precrop/device-agent/measure/validity';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

test('words are read as they are written', () => {
  assert.equal(parsePowerState('mains'), { source: 'mains', batteryPercent: null, isSaving: null });
  assert.equal(parsePowerState('battery 63 %'), { source: 'battery', batteryPercent: 63, isSaving: null });
  assert.equal(parsePowerState('battery 9 %, saver on'), { source: 'battery', batteryPercent: 9, isSaving: true });
  assert.equal(parsePowerState('unknown'), { source: 'unknown', batteryPercent: null, isSaving: null });
});

test('a saver makes every time doubtful, on the mains as well', () => {
  for (const source of ['mains', 'battery'] as const) {
    const { verdict, reasons } = judge(Array(20).fill(5), { power: { source, batteryPercent: 80, isSaving: true } });
    assert.is(verdict, 'noisy');
    assert.match(reasons.join(), /^The battery saver is on: /);
  }
});

test('a battery alone does not, unless it is low and its saver may be on', () => {
  for (const power of ['mains', 'unknown', 'battery 63 %', { source: 'battery', batteryPercent: 5, isSaving: false } as const]) {
    assert.equal(toPowerReasons(power), []);
  }
  assert.match(toPowerReasons('battery 14 %').join(), 'The battery is at 14 %');
});

test.run();
