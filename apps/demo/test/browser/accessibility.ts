// Checks of accessibility and layout in a page: axe, and elements that are wider than the page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright';
import { expect } from 'vitest';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/**
 * The rules of axe that depend on colors. Only these rules can give different results in the light and in the dark
 * theme.
 */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];
/** The rules that axe, the accessibility checker, applies. */
const CHECKED = { all: { type: 'tag', values: RULES }, colors: { type: 'rule', values: COLOR_RULES } } as const;
interface Found {
  readonly passes: readonly unknown[];
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary: string }[];
  }[];
}

/**
 * Returns the problems that axe finds, with an entry for each element. If a dialog is open, only the dialog is checked.
 */
export const violations = async (page: Page, checked: keyof typeof CHECKED = 'all'): Promise<readonly string[]> => {
  // Playwright can run the code of axe on the page, because the security policy of the page does not apply to code that
  // playwright runs.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  // In a page that is scrolled, the bar of controls, which stays in view, hides a part of some other control.
  await page.evaluate(() => scrollTo(0, 0));
  const found = await page.evaluate(
    async (runOnly) =>
      (
        globalThis as unknown as { readonly axe: { run(context: ParentNode, options: unknown): Promise<Found> } }
      ).axe.run(document.querySelector('dialog[open]') ?? document, { runOnly }),
    CHECKED[checked],
  );
  expect(found.passes.length).toBeGreaterThan(checked === 'all' ? 10 : 0);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary.replaceAll(/\s+/g, ' ')}`),
  );
};

/** Milliseconds in which the page must adapt to a new width. */
const SETTLING_MS = 5000;

/**
 * Returns the elements that are wider than the page, or wider than the dialog that contains them. The function waits
 * for a while, because charts get their width from a `ResizeObserver`, some frames after the page got a new width.
 */
export const tooWide = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async (settlingMs) => {
    const end = performance.now() + settlingMs;
    for (;;) {
      const wide = [document.documentElement, ...document.querySelectorAll('dialog')].filter(
        ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth,
      );
      if (wide.length === 0 || performance.now() > end)
        return wide.map((element) => {
          const { localName, scrollWidth, clientWidth } = element;
          const scrolls = (inner: Element): boolean =>
            inner !== element &&
            (getComputedStyle(inner).overflowX !== 'visible' ||
              (inner.parentElement !== null && scrolls(inner.parentElement)));
          const beyond = [...element.querySelectorAll('*')].filter(
            (inner) => inner.getBoundingClientRect().right > clientWidth + 1 && !scrolls(inner),
          );
          const names = beyond.map((inner) => `${inner.localName}.${inner.getAttribute('class') ?? ''}`);
          return `${localName}: ${scrollWidth} in ${clientWidth}, by ${names.slice(0, 12).join(' ')}`;
        });
      await new Promise(requestAnimationFrame);
    }
  }, SETTLING_MS);
