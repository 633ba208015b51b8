import { describePower, parsePmset, parsePowercfg, parseProfile, readLinuxMode, toPower } from '@precrop/device-agent/host/power';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readFrom } from './read-from.js';

const unknown = { isSaving: null, profile: null };

test('power in words', () => {
  const words = (state: Parameters<typeof toPower>[0]): string => describePower(toPower(state));
  assert.is(words({ hasBattery: true, acConnected: false, percent: 63.4 }), 'battery 63 %');
  assert.is(words({ hasBattery: true, acConnected: true, percent: 63 }), 'mains');
  assert.is(words({ hasBattery: false, acConnected: true, percent: 0 }), 'mains');
  assert.is(words(undefined), 'unknown');
});

test('a machine without a battery has no charge', () => {
  assert.is(toPower({ hasBattery: false, acConnected: true, percent: 0 }).batteryPercent, null);
  assert.is(toPower({ hasBattery: true, acConnected: true, percent: 0 }).batteryPercent, 0);
});

test('the saver of Linux: of the firmware, else of the processor, else of the desktop', () => {
  const firmware = '/sys/firmware/acpi/platform_profile';
  const preference = '/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference';
  const mode = (files: Record<string, string>) => readLinuxMode(readFrom(files));
  assert.equal(mode({ [firmware]: 'low-power\n' }), { isSaving: true, profile: 'low-power' });
  assert.equal(mode({ [firmware]: 'balanced\n', [preference]: 'balance_performance\n' }), { isSaving: false, profile: 'balanced' });
  assert.equal(mode({ [firmware]: 'balanced\n', [preference]: 'power\n' }), { isSaving: true, profile: 'balanced' });
  assert.equal(mode({ [preference]: 'balance_power\n' }), { isSaving: false, profile: 'balance_power' });
  assert.equal(mode({}), unknown);
  assert.equal(parseProfile('power-saver\n'), { isSaving: true, profile: 'power-saver' });
  assert.equal(parseProfile('No connection to the daemon.'), unknown);
});

test('the saver of macOS', () => {
  const pmset = (line: string): string =>
    `System-wide power settings:\nCurrently in use:\n standby              1\n powernap             1\n${line} displaysleep         10\n`;
  assert.equal(parsePmset(pmset(' lowpowermode         1\n')), { isSaving: true, profile: 'low-power' });
  assert.equal(parsePmset(pmset(' lowpowermode         0\n')), { isSaving: false, profile: 'automatic' });
  assert.equal(parsePmset(pmset(' powermode            2\n')), { isSaving: false, profile: 'high-power' });
  assert.equal(parsePmset(pmset('')), unknown);
  assert.equal(parsePmset(null), unknown);
});

test('the scheme of Windows, whatever it is called there', () => {
  assert.equal(parsePowercfg('Power Scheme GUID: a1841308-3541-4fab-bc81-f71556f20b4a  (Power saver)\r\n'), {
    isSaving: true,
    profile: 'power-saver',
  });
  assert.equal(parsePowercfg('GUID des Energieschemas: 381b4222-f694-41f0-9685-ff5bb260df2e  (Ausbalanciert)\r\n'), {
    isSaving: false,
    profile: 'balanced',
  });
  assert.equal(parsePowercfg('Power Scheme GUID: 11111111-2222-3333-4444-555555555555  (My own)\r\n'), unknown);
});

test.run();
