import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROWSER_FLAGS, chromiumPath } from '../../../packages/testkit/private/chromium.mjs';
import { serveFolder } from '../../../packages/testkit/private/static-server.mjs';
import { documents } from '../../../tools/docs/blocks/extract.mjs';
import { linksOfPages, linksOfSite } from '../src/links.mjs';
import { pages, root } from '../src/pages.mjs';
import { buildSite } from '../src/site.mjs';

const out = mkdtempSync(join(tmpdir(), 'impflow-docs-'));
beforeAll(async () => {
  await buildSite(out, { quiet: true });
});
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

it('the list of pages has every page of docs/', () => {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`);
  expect(inDocs.filter((path) => !pages.some((page) => page.path === path))).toEqual([]);
});

it('the index of decisions lists every decision', () => {
  const list = readFileSync(join(root, 'docs/decisions/README.md'), 'utf8');
  expect(
    readdirSync(join(root, 'docs/decisions')).filter((file) => /^\d/.test(file) && !list.includes(`(${file})`)),
  ).toEqual([]);
});

it('the site has no broken link, anchor or picture', () => {
  const { checked, broken, external } = linksOfSite(out);
  console.log(
    `${checked} links of the site, ${external.size} addresses of other hosts:\n${[...external].sort().join('\n')}`,
  );
  expect(broken).toEqual([]);
  expect(checked).toBeGreaterThan(1000);
});

it('the markdown files of the site have no broken links', () => {
  const { checked, broken } = linksOfPages(documents().filter((path) => path.endsWith('.md')));
  expect(broken).toEqual([]);
  expect(checked).toBeGreaterThan(50);
});

it('the architecture page names only source files that exist', () => {
  const sources = spawnSync('git', ['ls-files', '*.ts', '*.mjs'], { cwd: root, encoding: 'utf8' }).stdout.split('\n');
  const named = ['docs/architecture.md'].flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/`([\w./-]+\.(?:ts|mjs))`/g)].map(
      ([, file]) => `${page}: ${file}`,
    ),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((each) => !sources.some((path) => `/${path}`.endsWith(`/${each.split(': ')[1]!}`)))).toEqual([]);
});

describe.skipIf(chromiumPath() === undefined)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath()!, args: [...BROWSER_FLAGS] });
  });
  afterAll(async () => {
    await browser.close();
  });

  const found = async (page: Page, word: string): Promise<string> => {
    await page.locator('#tsd-search-trigger').click();
    await page.locator('#tsd-search-input').fill(word);
    return await page.locator('#tsd-search-results li').first().innerText();
  };

  it('the site opens from any path of a host, without requests to other hosts and without errors', async () => {
    const server = await serveFolder(out, { path: '/some/where/' });
    const page = await browser.newPage();
    const [elsewhere, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => {
      if (
        !request.url().startsWith(server.address) &&
        !request.url().startsWith('data:') &&
        !request.url().endsWith('/favicon.ico')
      )
        elsewhere.push(request.url());
    });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => {
      complaints.push(error.message);
    });
    for (const file of [
      'index.html',
      'documents/guide-start.html',
      'documents/guide-mathematics.html',
      'documents/images.html',
      'modules/_impflow_solvers.html',
    ]) {
      await page.goto(server.address + file, { waitUntil: 'networkidle' });
      const broken = await page.evaluate(() =>
        [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.src),
      );
      expect(broken).toEqual([]);
    }
    expect(await page.evaluate(async () => (await document.fonts.load('16px KaTeX_Main')).length)).toBeGreaterThan(0);
    expect(await found(page, 'anderson')).toMatch(/anderson/i);
    await page.close();
    server.close();
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('the site and its search open from disk', async () => {
    const page = await browser.newPage();
    await page.goto(`file://${out}/index.html`);
    expect(await found(page, 'anderson')).toMatch(/anderson/i);
    await page.close();
    expect(existsSync(join(out, 'assets/fonts/KaTeX_Main-Regular.woff2'))).toBe(true);
  });

  it.each(['fit', 'load'])('a search for %s lists the function of the package `impflow` first', async (word) => {
    const page = await browser.newPage();
    await page.goto(`file://${out}/index.html`);
    expect(await found(page, word)).toBe(`impflow.${word}`);
    await page.close();
  });

  it('no page is wider than a window of 390 or 1440 pixels', async () => {
    const page = await browser.newPage();
    for (const file of [
      'index.html',
      ...readdirSync(join(out, 'documents')).map((name) => `documents/${name}`),
      'modules/_impflow_solvers.html',
    ]) {
      await page.goto(`file://${out}/${file}`);
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
          `${file} at ${width} pixels`,
        ).toBe(0);
      }
    }
    await page.close();
  });
});
