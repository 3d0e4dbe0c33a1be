// Opens the page of the command `report` in Chromium, from its file and without a network.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../../packages/testkit/private/chromium.mjs';
import { json, temporary, within } from '../cli/harness.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const executablePath = chromiumPath();
const SIZES = { screen: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

const folder = temporary();
const at = (name: string): string => join(folder, name);
let browser: Browser | undefined;

beforeAll(async () => {
  const flags = ['--steps', '20', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet', '--json'];
  json(await within('train', '--data', 'penguins-full', ...flags, '--out', at('birds')));
  json(await within('report', at('birds'), '--synthetic', at('birds/samples.csv'), '--quiet', '--json'));
  if (executablePath !== undefined) browser = await chromium.launch({ executablePath });
});
afterAll(() => browser?.close());

describe.skipIf(executablePath === undefined)('the page of report (needs Chromium)', () => {
  it.each(['light', 'dark'] as const)(
    'has no problem that axe finds, in the %s theme, and fits a phone',
    async (theme) => {
      for (const [name, viewport] of Object.entries(SIZES)) {
        const context = await browser!.newContext({ viewport, colorScheme: theme, offline: true });
        const page = await context.newPage();
        const problems: string[] = [];
        page.on('console', (message) => problems.push(message.text()));
        page.on('requestfailed', (request) => problems.push(request.url().slice(0, 100)));
        await page.goto(pathToFileURL(at('birds/report.html')).href);
        await page.evaluate(AXE);
        const violations = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as {
            readonly axe: {
              run(): Promise<{
                violations: readonly { id: string; nodes: readonly { target: readonly unknown[] }[] }[];
              }>;
            };
          };
          const found = await axe.run();
          return found.violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
          );
        });
        expect(violations, name).toEqual([]);
        const { wide, pictures } = await page.evaluate(() => ({
          wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
          pictures: [...document.images].map(({ naturalWidth, alt }) => naturalWidth > 0 && alt !== ''),
        }));
        expect(wide, name).toBe(false);
        expect(pictures).toEqual([true]);
        expect(problems).toEqual([]);
        await page.screenshot({
          path: join(import.meta.dirname, `../artifacts/report-${name}-${theme}.png`),
          fullPage: true,
        });
        await context.close();
      }
    },
  );
});
