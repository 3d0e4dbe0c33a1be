// Tests of a production build in a real browser, under a strict content security policy.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../testkit/private/chromium.mjs';
import { buildPage, type Built } from './build.ts';
import type { Outcome } from './page/outcome.ts';
import type { Shared } from './page/parallel.ts';
import type { Work } from './page/work.ts';
import { serve, type Server } from './server.ts';

let built: Built;
let server: Server;
let browser: Browser;

beforeAll(async () => {
  built = await buildPage();
  server = await serve(built.folder);
  browser = await chromium.launch({ executablePath: chromiumPath()!, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  if (built !== undefined) rmSync(built.folder, { recursive: true });
});

interface Visit {
  readonly outcome: Outcome;
  /** Errors and warnings on the console of the page, and uncaught errors. */
  readonly complaints: readonly string[];
  /** Paths of all requests, and full URLs of requests to other servers. */
  readonly requests: readonly string[];
}

/** Opens a new page and waits for the result that the page posts. */
const visit = async (query: string, { isolated = false } = {}): Promise<Visit> => {
  server.isolate(isolated);
  const complaints: string[] = [];
  const requests: string[] = [];
  const context = await browser.newContext();
  context.on('request', (request) => {
    requests.push(request.url().replace(server.origin, ''));
  });
  context.on('requestfailed', (request) => {
    complaints.push(`failed: ${request.url()}`);
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  const crashed = new Promise<never>((_, reject) => {
    page.on('pageerror', (error) => {
      reject(error);
    });
    page.on('crash', () => {
      reject(new Error('The page crashed.'));
    });
  });
  const posted = server.outcome();
  await page.goto(`${server.origin}/?${query}`);
  const outcome = (await Promise.race([posted, crashed])) as Outcome;
  await context.close();
  return { outcome, complaints, requests };
};

const expectWork = ({ outcome, complaints, requests }: Visit, kernels: string): void => {
  expect(outcome.error).toBeUndefined();
  const work = outcome.result as Work;
  expect(work.kernels).toBe(kernels);
  expect(work.product).toBeLessThan(2e-5);
  expect(work.sine).toBeLessThan(1e-6);
  expect(work.losses.every(Number.isFinite)).toBe(true);
  expect(work.losses.at(-1)!).toBeLessThan(work.losses[0]! - 0.2);
  expect(work.leaked).toBe(0);
  expect(work.checkpoint).toBe(true);
  expect(work.files[0]).toContain(
    '[core/writeAtomically] A browser has no files to read or write: expected Node, got a browser.',
  );
  expect(work.files[1]).toContain(
    '[training/readSafetensors] A browser has no files to read or write: expected Node, got a browser.',
  );
  expect(complaints).toEqual([]);
  expect(outcome.violations).toEqual([]);
  expect(requests.filter((request) => !request.startsWith('/'))).toEqual([]);
};

describe('a page of a production build under a strict content security policy', () => {
  it('the page is built without a warning, and its scripts contain no module of Node', () => {
    expect(built.warnings).toEqual([]);
    const scripts = readdirSync(join(built.folder, 'assets')).filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(1);
    for (const name of scripts) {
      const script = readFileSync(join(built.folder, 'assets', name), 'utf8');
      expect(script).not.toMatch(/import\s*\(?[^;]{0,80}["'`]node:/);
      // vite replaces a Node module by this text, without a warning.
      expect(script).not.toContain('externalized for browser compatibility');
    }
  });

  it('the test detects violations of the content security policy', async () => {
    const { outcome, complaints } = await visit('job=forbidden');
    expect(outcome.violations).toEqual(['connect-src data', 'script-src eval']);
    expect(complaints.join()).toMatch(/Content Security Policy/);
  });

  it.each(['page', 'worker'])(
    'in a %s without `kernelsUrl`: the only fetched .wasm file is the file of TensorFlow.js, because the kernels are inlined',
    async (where) => {
      const visited = await visit(`where=${where}`);
      expectWork(visited, 'relaxed');
      expect(visited.outcome).toMatchObject({ isolated: false, window: where === 'page' });
      expect(visited.requests.filter((request) => request.endsWith('.wasm'))).toEqual([
        expect.stringMatching(/tfjs-backend-wasm-simd-.*\.wasm$/),
      ]);
    },
  );

  it.each(['page', 'worker'])('the kernels work in a cross-origin isolated %s', async (where) => {
    const visited = await visit(`where=${where}`, { isolated: true });
    expectWork(visited, 'relaxed');
    expect(visited.outcome).toMatchObject({ isolated: true, window: where === 'page' });
  });

  it.each(['page', 'worker'])(
    'in a %s with `kernelsUrl`: the kernels are fetched from their URLs, and the inlined kernels are not loaded',
    async (where) => {
      const visited = await visit(`kernels=url&where=${where}`);
      expectWork(visited, 'relaxed');
      expect(visited.requests.some((request) => /\/relaxed-.*\.wasm$/.test(request))).toBe(true);
      expect(visited.requests.some((request) => /\/kernels-.*\.js$/.test(request))).toBe(false);
    },
  );

  it.each([false, true])(
    'data-parallel training with two module Workers computes the gradient that the page computes alone; cross-origin isolated: %s',
    async (isolated) => {
      const { outcome, complaints } = await visit('job=parallel', { isolated });
      expect(outcome.error).toBeUndefined();
      const shared = outcome.result as Shared;
      expect(shared.parameters).toBeGreaterThan(6);
      expect(shared.largest).toBeGreaterThan(1e-2);
      expect(shared.difference).toBeLessThan(1e-5 * shared.largest);
      expect(shared.losses[1]).toBeCloseTo(shared.losses[0]!, 5);
      expect(shared.leaked).toBe(0);
      expect(complaints).toEqual([]);
      expect(outcome.violations).toEqual([]);
      expect(outcome.isolated).toBe(isolated);
    },
  );

  it('`tfjsUrl` sets the URL of the .wasm file of TensorFlow.js, and `start` throws an error with the reason if the URL has no file', async () => {
    const file = readdirSync(join(built.folder, 'assets')).find((name) => name.startsWith('tfjs-backend-wasm-simd'))!;
    expectWork(await visit(`tfjs=/assets/${file}`), 'relaxed');
    const { outcome } = await visit('tfjs=/nowhere.wasm');
    expect(outcome.error).toContain(
      '[backend-wasm/start] TensorFlow.js did not start: expected its .wasm file at /nowhere.wasm, got ',
    );
  });

  it('the option `simd: "simd"` selects the build `simd` of the kernels', async () => {
    const visited = await visit('kernels=url&simd=simd');
    expectWork(visited, 'simd');
    expect(visited.requests.some((request) => /\/simd-.*\.wasm$/.test(request))).toBe(true);
  });
});
