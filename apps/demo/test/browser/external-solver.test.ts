// Tests a plugin from outside the pnpm workspace in the playground. The example examples/external-solver bundles the
// plugin for a page.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import { choose, config, now, trainTo, until, untilReady, untilTold } from './page-actions.ts';
import { useSite } from './site.ts';

const site = useSite();

beforeAll(async () => {
  const path = (name: string): string => fileURLToPath(new URL(`../../../../${name}`, import.meta.url));
  const bundle = await rolldown({
    // The example is not part of the pnpm workspace. In this test the only dependency of the example is resolved to the
    // TypeScript source of the workspace.
    input: path('examples/external-solver/src/index.ts'),
    resolve: { alias: { '@impflow/core': path('packages/core/src/index.ts') } },
    platform: 'browser',
    logLevel: 'silent',
  });
  await bundle.write({ file: join(site.folder(), 'irons-tuck.js'), format: 'es', codeSplitting: false });
  await bundle.close();
});

describe('a solver from outside of the workspace', () => {
  it('a solver from outside the workspace is loaded by address, chosen by name, and trains a model', () =>
    site.visit(
      { hash: '#blocks=1&hidden=8-8&batch=32', provokes: [/Platform browser has already been set/] },
      async ({ page, address }) => {
        await untilReady(page);
        await page.getByRole('heading', { name: 'Plugins' }).click();
        await page.getByRole('textbox', { name: 'Address of a module on this site' }).fill('irons-tuck.js');
        await page.getByRole('button', { name: 'Load…' }).click();
        await page
          .getByRole('dialog', { name: /^Run code from/ })
          .getByRole('button', { name: 'Run it' })
          .click();
        await untilTold(
          page,
          'The plugin is loaded: its solvers, estimators and activations are in the lists of the model.',
        );
        expect((await config(page)).plugins).toEqual([`${address}irons-tuck.js`]);

        await choose(page, 'Solver', 'irons-tuck');
        await until(
          page,
          (name) =>
            impflow.config.value.models[0]!.solver?.name === name && impflow.runs.value[0]!.status.value === 'paused',
          'irons-tuck',
        );
        await trainTo(page, 10);
        const { losses } = await now(page);
        expect(losses.length).toBeGreaterThan(0);
        expect(losses.every(Number.isFinite)).toBe(true);
      },
    ));
});
