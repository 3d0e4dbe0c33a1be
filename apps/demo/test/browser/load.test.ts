// Tests of the files that the page loads, of its security policy and of its size.
import { gzipSync } from 'node:zlib';
import type { Page, Response } from 'playwright';
import { describe, expect, it } from 'vitest';
import { eventually, now, STILL, untilSeen, untilStep } from './page-actions.ts';
import { useSite, type Site } from './site.ts';

/** Largest size of the scripts that are loaded before the first training step, in bytes after gzip. */
const MOST_SCRIPT = 260_000;

const hosts: readonly (readonly [name: string, site: Site, isolated: boolean])[] = [
  ['at the root of a host that sends security headers', useSite(), true],
  ['in a folder of a host that sends no headers', useSite({ path: '/some/where/', headers: false }), false],
];

describe.each(hosts)('%s', (_, { visit }, isolated) => {
  it('the page opens, draws its first picture, and sends no requests to other sites', () =>
    visit({ hash: STILL }, async ({ page, address, requests }) => {
      await untilSeen(page);
      expect(await page.title()).toBe('ImpFlow playground');
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
      expect((await now(page)).computing).toContain('WebAssembly');
      await eventually(() => page.getByRole('application').getAttribute('aria-label')).toContain(
        'Density of moons after 0 steps',
      );
      expect(requests.length).toBeGreaterThan(5);
      expect(requests.filter((request) => !request.startsWith(address))).toEqual([]);
    }));

  it('the browser enforces the security policy: no inline script, no eval and no request to other hosts', () =>
    visit(
      { hash: STILL, provokes: [/Content Security Policy|violates the following/, /failed: https:\/\/elsewhere/] },
      async ({ page }) => {
        await untilSeen(page);
        const violations = await forbidden(page);
        expect(violations).toEqual({
          ran: false,
          evaluated: false,
          asked: false,
          told: ['connect-src', 'script-src', 'script-src-elem'],
        });
      },
    ));
});

/** Tries actions that the security policy of the page forbids, and returns the results of these actions. */
const forbidden = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    const told: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      told.push(effectiveDirective);
    });
    const script = document.createElement('script');
    script.textContent = 'globalThis.intruder = true';
    document.head.append(script);
    // The forbidden actions run in a script of the page, because the security policy does not apply to code that
    // playwright runs.
    const evaluated = await new Promise((resolve) => {
      setTimeout(() => {
        try {
          resolve(new Function('return true')());
        } catch {
          resolve(false);
        }
      });
    });
    const asked = await fetch('https://elsewhere.invalid/').then(
      () => true,
      () => false,
    );
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    // A forbidden action may be reported twice, because the security policy is in the headers and in the HTML of the
    // page.
    return { ran: 'intruder' in globalThis, evaluated, asked, told: [...new Set(told)].sort() };
  });

it('the scripts that the page loads before the first training step have at most 260 kB after gzip', async () => {
  const [, { visit }] = hosts[0]!;
  const weights: Promise<readonly [string, number]>[] = [];
  const weigh = (response: Response): void => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) weights.push(response.body().then((body) => [pathname, gzipSync(body).length]));
  };
  await visit(
    {
      hash: '#play=1',
      before: async (page) => {
        page.on('response', weigh);
      },
    },
    async ({ page }) => {
      await untilStep(page, 1);
      // Scripts that are loaded after the first training step do not count. Reading these scripts may fail, because the
      // page may close first.
      page.off('response', weigh);
      // The page and its workers share a cache, so a script that is loaded several times counts once.
      const scripts = new Map(await Promise.all(weights));
      expect(scripts.size).toBeGreaterThan(5);
      expect([...scripts.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(MOST_SCRIPT);
    },
  );
});
