// Serves the built page and opens it in Chromium. The page is built for production once per test run, see
// ./build-once.ts.
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, vi } from 'vitest';
import { chromiumPath } from '../../../../packages/testkit/private/chromium.mjs';
import { serveFolder, type StaticServer } from '../../../../packages/testkit/private/static-server.mjs';
import { HEADERS } from '../../build/policy.ts';
import { PATIENCE_MS } from './page-actions.ts';

export interface SiteOptions {
  /** Command-line flags of Chromium. */
  readonly flags?: readonly string[];
  /** Path of the page on its host. Default `/`. */
  readonly path?: string;
  /** Whether the host sends the security headers, including the headers for cross-origin isolation. Default true. */
  readonly headers?: boolean;
  /**
   * Whether tabs behave as in a visitor's browser, in which a tab can be hidden behind another tab and frozen. If
   * false, the browser treats every page as visible. With `tabs`, a visit cannot have its own `context`. Default:
   * false.
   */
  readonly tabs?: boolean;
}

export interface VisitOptions {
  /** The part of the address that begins with `#`. */
  readonly hash?: string;
  /** Options of the browser context, such as the size of the window, the color scheme and the touch screen. */
  readonly context?: BrowserContextOptions;
  /** Console messages that this visit is expected to cause. */
  readonly provokes?: readonly RegExp[];
  /** Called before the page is requested. */
  readonly before?: (page: Page) => Promise<unknown>;
}

export interface Visit {
  readonly page: Page;
  /** Address of the page. */
  readonly address: string;
  /** Addresses that the page and its workers have requested so far. */
  readonly requests: readonly string[];
}

export interface Site {
  /**
   * Opens the page, calls `use`, and closes the page. Fails on console errors or warnings, uncaught exceptions,
   * requests to other hosts, and failed requests.
   */
  visit(options: VisitOptions, use: (visit: Visit) => Promise<void>): Promise<void>;
  /** Returns the folder that the test server serves. A test can add files to this folder. */
  folder(): string;
}

/** A copy of the site for one test file. Tests may add files to the copy. Several hosts may serve the copy. */
let copied: string | undefined;
afterAll(() => {
  if (copied !== undefined) rmSync(copied, { recursive: true, force: true });
});

const copyOfSite = (): string => {
  if (copied === undefined) {
    copied = mkdtempSync(join(tmpdir(), 'impflow-playground-'));
    cpSync(inject('playground'), copied, { recursive: true });
  }
  return copied;
};

/**
 * Starts a server for the page, and a browser that visits the page. The server and the browser start before the first
 * test of a test file and end after the last test.
 */
export const useSite = ({
  flags = ['--no-sandbox'],
  path = '/',
  headers = true,
  tabs = false,
}: SiteOptions = {}): Site => {
  // Time limit of a whole test, in milliseconds. Single waits have a shorter limit, so that the error of a timeout
  // names the condition that did not become true.
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
      const context = tabs
        ? browser.contexts()[0]!
        : await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
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
        // The page's error messages are added to the error of the test, because these messages often show the reason of
        // the failure.
        if (error instanceof Error)
          error.message += `\nComplaints: ${complaints.join(' | ') || 'none'}\n${await within(
            page.evaluate(() =>
              JSON.stringify({
                notices: impflow.notices.value.map(({ text }) => text),
                runs: impflow.runs.value.map(({ status, step }) => [status.value, step.value]),
                playing: impflow.playing.value,
              }),
            ),
            'The page does not answer.',
          )}`;
        throw error;
      } finally {
        // With `tabs` the context is not closed, because closing the only context of a browser would close the browser.
        await within(tabs ? page.close() : context.close(), undefined);
      }
    },
  };
};

type Launched = readonly [browser: Browser, close: () => Promise<void>];

const alone = async (flags: readonly string[]): Promise<Launched> => {
  const browser = await chromium.launch({ executablePath: chromiumPath()!, args: [...flags] });
  return [browser, () => browser.close()];
};

/** Starts a browser and connects to its debugging port, so that playwright does not set its defaults for pages. */
const withTabs = async (flags: readonly string[]): Promise<Launched> => {
  const port = await freePort();
  const [launched, close] = await alone([...flags, `--remote-debugging-port=${port}`, '--window-size=1440,900']);
  try {
    return [await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true }), close];
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

/**
 * Resolves with the result of a promise, or with `otherwise` after five seconds. Without this limit, a page that hangs
 * would prevent the report of the test's error.
 */
const within = async <T>(promise: Promise<T>, otherwise: T): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      promise.catch(() => otherwise),
      new Promise<T>((resolve) => {
        timer = setTimeout(() => resolve(otherwise), 5000);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Collects errors and warnings of a page and its workers. `requests` receives the requested addresses, except `blob:`
 * and `data:` addresses.
 */
const watched = (page: Page, requests: string[]): readonly string[] => {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => {
    complaints.push(`thrown: ${error.message}`);
  });
  page.on('crash', () => {
    complaints.push('the page crashed');
  });
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url())) requests.push(request.url());
  });
  // Requests that are aborted because a page is left or a worker ends are not failures.
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText !== 'net::ERR_ABORTED')
      complaints.push(`failed: ${request.url()} (${request.failure()?.errorText})`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`answered ${response.status()}: ${response.url()}`);
  });
  return complaints;
};
