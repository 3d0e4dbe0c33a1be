// Finds the Chromium in which browser tests run: the executable in CHROME_PATH, or an installed browser.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  ...(process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => NAMES.map((name) => join(folder, name))),
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * Returns the executable of Chromium, or undefined if it is not installed.
 *
 * @returns {string | undefined}
 * @throws if CHROME_PATH names a file that does not exist.
 */
export const chromiumPath = () => {
  const { CHROME_PATH: given } = process.env;
  if (!given) return PLACES.find((place) => existsSync(place));
  if (existsSync(given)) return given;
  throw new Error(
    `[chromium] CHROME_PATH is wrong: expected Chromium's executable, got ${given}, which does not exist. Correct the variable, or unset it.`,
  );
};

/** Flags of Chromium for tests, which run as root, without a graphics card, and without background network traffic. */
export const BROWSER_FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--enable-unsafe-swiftshader',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
