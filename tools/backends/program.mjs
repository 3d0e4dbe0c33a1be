// `npm run measure -- backends`: measures every backend with one workload, each in a separate process or page.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { BROWSER_FLAGS, chromiumPath } from '../../packages/testkit/private/chromium.mjs';
import { jsonOf } from '../measure/child.mjs';
import { messageOf } from '../message-of.mjs';
import { inNode, inPage } from './adapters.mjs';
import { JOB } from './measure.mjs';
import { backendsTexts } from './page.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'backends',
  about: 'The same work on every backend: errors, loss, time of a step, memory.',
  jobs: () => [...Object.keys(inNode), ...inPage].map((job) => ({ job })),
  run: async ({ job: name }, { say }) => {
    if (inPage.includes(name)) return inBrowser(name, say);
    const backend = inNode[name]();
    if (!(await backend.isAvailable())) return { absent: await backend.start().then(() => 'not available', messageOf) };
    const fixtures = here('../../packages/flows/test/parity/fixtures');
    return { work: JOB, ...(await jsonOf(here('contender.mjs'), [name, fixtures], { flags: ['--expose-gc'], say })) };
  },
  pages: (records) => ({ 'docs/backends.md': backendsTexts(records) }),
};

/**
 * @param {string} name
 * @param {(what: string) => void} say
 */
const inBrowser = async (name, say) => {
  if (chromiumPath() === undefined)
    return { absent: 'no Chromium was found (see packages/testkit/private/chromium.mjs)' };
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
  try {
    const page = await browser.newPage();
    page.on('console', (message) => say(message.text()));
    await page.goto(`${server.resolvedUrls?.local[0]}?backend=${name}`);
    await page.waitForFunction(() => 'result' in window, undefined, { timeout: 0, polling: 500 });
    const result = await page.evaluate(() => Reflect.get(window, 'result'));
    if ('error' in result) throw new Error(result.error);
    return { work: JOB, ...result, versions: { chromium: browser.version() } };
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
};
