// Tests of the page, built by vite, in a real browser.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright';
import { build, defaultClientConditions } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumPath } from '../../../../packages/testkit/private/chromium.mjs';
import { statementsOf } from '../../../../packages/testkit/private/statements.mjs';
import { serveFolder, type StaticServer } from '../../../../packages/testkit/private/static-server.mjs';
import { watchPage, type Watched } from '../../../../packages/testkit/private/watch-page.mjs';

const FOLDER = fileURLToPath(new URL('../..', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'impflow-page-'));
let browser: Browser;
let server: StaticServer;
let watched: Watched;

beforeAll(async () => {
  await build({
    root: FOLDER,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@impflow/source', ...defaultClientConditions] },
    build: { outDir: out, emptyOutDir: true },
  });
  server = await serveFolder(out);
  browser = await chromium.launch({ executablePath: chromiumPath()!, args: ['--no-sandbox'] });
  watched = await watchPage(browser, server.address, 'the same scores');
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(out, { recursive: true });
});

/** Returns the JSON value that the page printed after `name` on the same line. */
const printed = (name: string): unknown =>
  JSON.parse(watched.lines.find((line) => line.startsWith(`${name} `))!.slice(name.length));

it('the program has at most twelve statements', () => {
  expect(statementsOf(readFileSync(`${FOLDER}/main.js`, 'utf8'))).toBeLessThanOrEqual(12);
});

it('the page fits, scores, explains, fills gaps, samples, saves and loads without warnings or errors', () => {
  expect(watched.complaints).toEqual([]);
  expect((printed('held-out nats') as { readonly nats: number }).nats).toBeLessThan(15.2);
  expect((printed('reasons') as readonly object[])[0]).toMatchObject({ column: 'Body Mass (g)', value: 6000 });
  expect(JSON.stringify(printed('gaps filled'))).not.toContain('null');
  expect(printed('samples')).toMatchObject([{ Species: 'Gentoo' }, { Species: 'Gentoo' }]);
  expect(printed('the same scores')).toEqual(printed('scores'));
});

it('each task on the main thread of the page takes less than 50 ms during the fit', async () => {
  expect(watched.busiest).toBeGreaterThan(0);
  const longest = [watched.busiest];
  // On a virtual machine, the measured time of a task contains time that the host used for other work. A task that is
  // slow because of the page is slow in every visit, so the test uses the fastest of three visits.
  while (longest.at(-1)! >= 50 && longest.length < 3)
    longest.push((await watchPage(browser, server.address, 'the same scores')).busiest);
  expect(Math.min(...longest), `in visits of ${longest.join(', ')} ms`).toBeLessThan(50);
});
