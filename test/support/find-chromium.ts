import { existsSync } from 'node:fs';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** A Chromium: that of the environment variable PRECROP_CHROMIUM, else where it usually is. Or why there is none. */
export function findChromium(): { readonly path: string } | { readonly reason: string } {
  const wanted = process.env['PRECROP_CHROMIUM'];
  const path = (wanted ? [wanted] : usual).find((candidate) => existsSync(candidate));
  if (path) return { path };
  return {
    reason: wanted ? `PRECROP_CHROMIUM is ${wanted}, which does not exist` : 'there is no Chromium; set PRECROP_CHROMIUM to its path',
  };
}

/** For a page that the test alone serves: no sandbox, which containers do not allow, and no traffic of the browser's own. */
export const chromiumArguments: readonly string[] = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'];
