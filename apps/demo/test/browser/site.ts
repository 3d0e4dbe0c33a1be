// The page as a host serves it, in real Chromium: built for production (./build-once.ts), driven from outside.
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright, type Browser, type BrowserContextOptions, type Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, vi } from 'vitest';
import { chromium } from '../../../../tools/chromium.mjs';
import { serveFolder, type StaticServer } from '../../../../tools/static-server.mjs';
import { HEADERS } from '../../build/policy.ts';
import { PATIENCE_MS } from './page-actions.ts';

export interface SiteOptions {
  /** Of Chromium. */
  readonly flags?: readonly string[];
  /** Where the page lies on its host. Default `/`. */
  readonly path?: string;
  /** Whether the host sends what makes the page isolated. Default true. */
  readonly headers?: boolean;
  /** Tabs as a visitor has them: behind another one they are hidden, and can be frozen. Otherwise every page believes itself in front. Visits have no `context` of their own then. */
  readonly tabs?: boolean;
}

export interface VisitOptions {
  /** What follows the address, from `#` on. */
  readonly hash?: string;
  /** The window, its colors, whether it has a touch screen. */
  readonly context?: BrowserContextOptions;
  /** Complaints that this visit is about. */
  readonly provokes?: readonly RegExp[];
  /** Before the page is asked for. */
  readonly before?: (page: Page) => Promise<unknown>;
}

export interface Visit {
  readonly page: Page;
  /** Of the page. */
  readonly address: string;
  /** Addresses asked for so far, by page and workers. */
  readonly requests: readonly string[];
}

export interface Site {
  /** Opens the page, and closes it after `use`. Fails where the console had errors or warnings, anything was thrown and not caught, or anything was asked for elsewhere or in vain. */
  visit(options: VisitOptions, use: (visit: Visit) => Promise<void>): Promise<void>;
  /** The folder that is served: what a test puts there is on the site. */
  folder(): string;
}

/** A copy of the site for one test file, which may add files to it. The same page may lie on several hosts. */
let copied: string | undefined;
afterAll(() => { if (copied !== undefined) rmSync(copied, { recursive: true, force: true }); });

const copyOfSite = (): string => {
  if (copied === undefined) {
    copied = mkdtempSync(join(tmpdir(), 'impflow-playground-'));
    cpSync(inject('playground'), copied, { recursive: true });
  }
  return copied;
};

/** The page on a host of its own and a browser to visit it with, from before the first test of the file until after the last. */
export const useSite = ({ flags = ['--no-sandbox'], path = '/', headers = true, tabs = false }: SiteOptions = {}): Site => {
  // For whole tests; what they wait for has less: that names what did not come.
  vi.setConfig({ testTimeout: 180_000 });
  let server: StaticServer;
  let browser: Browser;
  let closeBrowser: (() => Promise<void>) | undefined;
  let files: string;
  beforeAll(async () => {
    files = copyOfSite();
    server = await serveFolder(files, { path, headers: () => (headers ? HEADERS : {}) });
    [browser, closeBrowser] = await (tabs ? withTabs : alone)(flags);
  }, 120_000);
  afterAll(async () => {
    await closeBrowser?.();
    server?.close();
  });
  return {
    folder: () => files,
    visit: async ({ hash = '', context: options = {}, provokes = [], before }, use) => {
      const context = tabs ? browser.contexts()[0]! : await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const requests: string[] = [];
      const complaints = watched(page, requests);
      try {
        await before?.(page);
        await page.goto(`${server.address}${hash}`);
        await use({ page, address: server.address, requests });
        expect(complaints.filter((complaint) => !provokes.some((provoked) => provoked.test(complaint)))).toEqual([]);
        expect(requests.filter((request) => !request.startsWith(server.origin))).toEqual([]);
      } catch (error) {
        // What else went wrong often says why.
        if (error instanceof Error) error.message += `\nComplaints: ${complaints.join(' | ') || 'none'}\n${await within(page.evaluate(() => JSON.stringify({
          notices: impflow.notices.value.map(({ text }) => text), runs: impflow.runs.value.map(({ status, step }) => [status.value, step.value]), playing: impflow.playing.value,
        })), 'The page does not answer.')}`;
        throw error;
      } finally {
        // Closing the only context of a browser would close that.
        await within(tabs ? page.close() : context.close(), undefined);
      }
    },
  };
};

type Launched = readonly [browser: Browser, close: () => Promise<void>];

const alone = async (flags: readonly string[]): Promise<Launched> => {
  const browser = await playwright.launch({ executablePath: chromium()!, args: [...flags] });
  return [browser, () => browser.close()];
};

/** Driven through its debugging port, without what playwright does to pages otherwise. */
const withTabs = async (flags: readonly string[]): Promise<Launched> => {
  const port = await freePort();
  const [launched, close] = await alone([...flags, `--remote-debugging-port=${port}`, '--window-size=1440,900']);
  try {
    return [await playwright.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true }), close];
  } catch (error) {
    await launched.close();
    throw error;
  }
};

const freePort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** What comes within seconds, or something else in its place: a page that is stuck must not hide the reason. */
const within = async <T>(promise: Promise<T>, otherwise: T): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([promise.catch(() => otherwise), new Promise<T>((resolve) => { timer = setTimeout(() => resolve(otherwise), 5000); })]);
  } finally {
    clearTimeout(timer);
  }
};

/** All that goes wrong on a page and in its workers, as it happens; `requests` gets what is asked for, but for what comes out of the page itself. */
const watched = (page: Page, requests: string[]): readonly string[] => {
  const complaints: string[] = [];
  page.on('console', (message) => { if (['error', 'warning', 'assert'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`); });
  page.on('pageerror', (error) => { complaints.push(`thrown: ${error.message}`); });
  page.on('crash', () => { complaints.push('the page crashed'); });
  page.on('request', (request) => { if (!/^(blob|data):/.test(request.url())) requests.push(request.url()); });
  // Leaving a page, or ending a worker, aborts what is under way: nothing failed.
  page.on('requestfailed', (request) => { if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()} (${request.failure()?.errorText})`); });
  page.on('response', (response) => { if (response.status() >= 400) complaints.push(`answered ${response.status()}: ${response.url()}`); });
  return complaints;
};
