// `npm run backends`: runs the same work on every backend, one after the other, and prints a table.
//   --only NAMES     some of cpu, wasm, native, webgl, webgpu, separated by commas
//   --json           the results as one JSON object on the last line
//   --markdown FILE  the results as a page
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { BROWSER_FLAGS, chromiumPath } from '../../packages/testkit/private/chromium.mjs';
import { machine, versions } from '../bench/machine.mjs';
import { inNode, inPage } from './adapters.mjs';
import { JOB } from './measure.mjs';
import { asMarkdown, asText } from './report.mjs';

/** @import { Measured } from './measure.mjs' */

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean', default: false }, markdown: { type: 'string' } },
});
const wanted = values.only?.split(',') ?? [...Object.keys(inNode), ...inPage];
const started = performance.now();
/** @param {string} what */
const say = (what) =>
  process.stderr.write(`[backends] ${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${what}\n`);
/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @param {string} name
 * @returns {Promise<Measured>}
 */
const inProcess = async (name) => {
  const child = spawn(
    process.execPath,
    ['--expose-gc', here('contender.mjs'), name, here('../../packages/flows/test/parity/fixtures')],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let last = '';
  createInterface(child.stdout).on('line', (line) => {
    last = line;
  });
  createInterface(child.stderr).on('line', (line) => say(`${name}: ${line}`));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} ended with ${code}.`);
  return JSON.parse(last);
};

/** @param {readonly string[]} names */
const inBrowser = async (names) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-backends-'));
  /** @type {import('vite').InlineConfig} */
  const config = {
    root: here('page'),
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, target: 'esnext' },
  };
  await build(config);
  const server = await preview({ ...config, preview: { host: '127.0.0.1', port: 0 } });
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...BROWSER_FLAGS] });
  /** @type {Measured[]} */
  const results = [];
  try {
    for (const name of names) {
      const page = await browser.newPage();
      page.on('console', (message) => say(`${name}: ${message.text()}`));
      await page.goto(`${server.resolvedUrls?.local[0]}?backend=${name}`);
      await page.waitForFunction(() => 'result' in window, undefined, { timeout: 0, polling: 500 });
      /** @type {Measured | { error: string }} */
      const result = await page.evaluate(() => Reflect.get(window, 'result'));
      if ('error' in result) throw new Error(`${name}: ${result.error}`);
      results.push(result);
      await page.close();
    }
    return { results, version: browser.version() };
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
};

/** @type {Measured[]} */
const results = [];
/** @type {string[]} */
const absent = [];
for (const [name, make] of Object.entries(inNode)) {
  if (!wanted.includes(name)) continue;
  if (await make().isAvailable()) results.push(await inProcess(name));
  else
    absent.push(
      `${name}: ${await make()
        .start()
        .then(
          () => 'not available',
          ({ message }) => message,
        )}`,
    );
}
const pages = inPage.filter((name) => wanted.includes(name));
let browser;
if (pages.length > 0 && chromiumPath() === undefined)
  absent.push(`${pages.join(', ')}: no Chromium was found (see packages/testkit/private/chromium.mjs)`);
else if (pages.length > 0) {
  const found = await inBrowser(pages);
  results.push(...found.results);
  browser = found.version;
}
const report = {
  machine: machine(),
  versions: { ...versions(), ...(browser === undefined ? {} : { chromium: browser }) },
  job: JOB,
  results,
  absent,
};
say('done');
console.log(asText(report));
if (values.markdown !== undefined)
  writeFileSync(values.markdown, asMarkdown(report, new Date().toISOString().slice(0, 10)));
if (values.json) console.log(JSON.stringify(report));
