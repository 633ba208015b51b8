import { cacheDirectory } from '@precrop/device-agent/setup/cache-directory';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const places = [
  { platform: 'linux', variables: {}, expected: '/h/.cache/precrop' },
  { platform: 'linux', variables: { XDG_CACHE_HOME: '/big/cache' }, expected: '/big/cache/precrop' },
  { platform: 'linux', variables: { XDG_CACHE_HOME: 'relative' }, expected: '/h/.cache/precrop' },
  { platform: 'darwin', variables: { XDG_CACHE_HOME: '/big/cache' }, expected: '/h/Library/Caches/precrop' },
  { platform: 'linux', variables: { PRECROP_CACHE: '/disk', XDG_CACHE_HOME: '/big/cache' }, expected: '/disk' },
  { platform: 'darwin', variables: { PRECROP_CACHE: '/disk' }, expected: '/disk' },
] as const;

for (const { platform, variables, expected } of places) {
  test(`${platform} with ${JSON.stringify(variables)}`, () => {
    assert.is(cacheDirectory({ platform, variables, home: '/h' }), expected);
  });
}

test('win32 keeps caches out of the roaming profile', () => {
  const home = 'C:\\Users\\Me';
  const local = 'C:\\Users\\Me\\AppData\\Local';
  assert.is(cacheDirectory({ platform: 'win32', variables: { LOCALAPPDATA: 'D:\\Local' }, home }), 'D:\\Local\\precrop\\cache');
  assert.is(cacheDirectory({ platform: 'win32', variables: {}, home }), `${local}\\precrop\\cache`);
});

test('an empty variable is no variable', () => {
  assert.is(cacheDirectory({ platform: 'linux', variables: { PRECROP_CACHE: '', XDG_CACHE_HOME: '' }, home: '/h' }), '/h/.cache/precrop');
});

test.run();
