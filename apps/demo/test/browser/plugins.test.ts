// Tests of plugins on the page. Plugin code must run only if it is on the site of the page, and if the visitor has
// typed its address and confirmed it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeCheckpoint } from '@impflow/training';
import type { Locator, Page } from 'playwright';
import { rolldown } from 'rolldown';
import { beforeAll, describe, expect, it } from 'vitest';
import { openModel, saved } from './files.ts';
import {
  choose,
  config,
  distance,
  eventually,
  now,
  press,
  scores,
  trainTo,
  until,
  untilReady,
  untilStep,
  untilTold,
  workersOf,
} from './page-actions.ts';
import { useSite } from './site.ts';

const site = useSite();
const { visit } = site;
const TINY = '#blocks=1&hidden=8-8&batch=32&steps=0';
/**
 * Console warning of a bundled plugin. The plugin contains its own copy of TensorFlow.js, which warns that the page has
 * already loaded TensorFlow.js.
 */
const provokes = [/Platform browser has already been set/];

/** Bundles a module with the packages that it imports, because browsers do not resolve package names. */
const bundled = async (source: string, file: string): Promise<void> => {
  const bundle = await rolldown({
    input: fileURLToPath(new URL(source, import.meta.url)),
    resolve: { conditionNames: ['@impflow/source', 'browser', 'module', 'import', 'default'] },
    platform: 'browser',
    logLevel: 'silent',
  });
  await bundle.write({ file: join(site.folder(), file), format: 'es', codeSplitting: false });
  await bundle.close();
};

const OTHERS: Readonly<Record<string, string>> = {
  'no-plugin.js': 'export const greeting = "hello";\n',
  'wrong-kind.js': 'export const impflow = { crystalBall: { mine: () => ({}) } };\n',
  'broken.js': 'export const = 3;\n',
  'thrower.js': 'throw new Error("I do not feel like it");\n',
  'needy.js':
    'import { sampleNorm } from "@impflow/core";\nexport const impflow = { solver: { needy: sampleNorm } };\n',
  'taken.js': 'export const impflow = { solver: { anderson: () => ({}) } };\n',
  'useless.js':
    'export const impflow = { solver: { useless: () => { throw new Error("There is no such solver after all"); } } };\n',
};

beforeAll(async () => {
  await bundled('half-step.ts', 'half-step.js');
  await bundled('more-plugins.ts', 'more-plugins.js');
  for (const [name, text] of Object.entries(OTHERS)) writeFileSync(join(site.folder(), name), text);
});

/**
 * Opens the plugin panel and enters an address. Returns the dialog that asks for confirmation. The dialog appears only
 * if the page accepts the address.
 */
const ask = async (page: Page, address: string): Promise<Locator> => {
  const field = page.getByRole('textbox', { name: 'Address of a module on this site' });
  if (!(await field.isVisible())) await page.getByRole('heading', { name: 'Plugins' }).click();
  await field.fill(address);
  await page.getByRole('button', { name: 'Load…' }).click();
  return page.getByRole('dialog', { name: /^Run code from/ });
};

const load = async (page: Page, address: string): Promise<void> => {
  await (await ask(page, address)).getByRole('button', { name: 'Run it' }).click();
  await until(page, (name) => impflow.config.value.plugins.some((plugin) => plugin.endsWith(name)), address);
  await untilTold(page, 'The plugin is loaded: its solvers, estimators and activations are in the lists of the model.');
};

const listed = (page: Page, label: string): Promise<readonly string[]> =>
  page.getByRole('combobox', { name: label, exact: true }).getByRole('option').allTextContents();

/** Waits until a model with this solver, estimator or activation is loaded and idle. */
const untilChosen = (page: Page, part: 'solver' | 'logDet' | 'activation', name: string): Promise<void> =>
  until(
    page,
    ([what, wanted]) => {
      const choice = impflow.config.value.models[0]![what];
      return (
        (typeof choice === 'string' ? choice : choice?.name) === wanted &&
        impflow.runs.value[0]!.status.value === 'paused'
      );
    },
    [part, name] as const,
  );

describe('a plugin', () => {
  it('a plugin can be loaded during training after a confirmation; its solver takes options as JSON', () =>
    visit({ hash: TINY, provokes }, async ({ page, address, requests }) => {
      await untilReady(page);
      await press(page, 'Play');
      await untilStep(page, 5);
      expect(await listed(page, 'Solver')).not.toContain('half-step');
      const question = await ask(page, 'half-step.js');
      expect(await question.getByRole('heading').textContent()).toBe(`Run code from ${address}half-step.js?`);
      expect(requests.filter((request) => request.includes('half-step'))).toEqual([]);
      const { step } = await now(page);
      await question.getByRole('button', { name: 'Run it' }).click();
      await untilTold(page, 'The plugin is loaded');
      await untilStep(page, step + 5);
      expect((await now(page)).playing).toBe(true);
      expect(requests.filter((request) => request.includes('half-step'))).toContain(`${address}half-step.js`);
      await press(page, 'Pause');
      await untilReady(page);
      await eventually(() => listed(page, 'Solver')).toContain('half-step');
      await page.getByRole('listitem').getByText(`${address}half-step.js`).waitFor();
      expect((await config(page)).plugins).toEqual([`${address}half-step.js`]);

      const untilSolvedBy = async (solver: string): Promise<void> => {
        // The page computes the chart only while it is in view. Choosing a solver scrolls the chart out of view.
        await page.getByRole('heading', { name: 'How the solver gets there' }).scrollIntoViewIfNeeded();
        await until(
          page,
          (name) => impflow.runs.value[0]!.solves.value.some(({ solver }) => solver.startsWith(name)),
          solver,
        );
      };
      await untilSolvedBy(''); // The empty string matches the name of every solver.
      const before = (await now(page)).step;
      await choose(page, 'Solver', 'half-step');
      await untilChosen(page, 'solver', 'half-step');
      // The new model begins at the training step of the old model. Although this step was measured, the page must
      // measure the solves of the new model.
      await untilSolvedBy('half-step');
      expect((await now(page)).step).toBe(before);
      await trainTo(page, before + 10);
      const { losses } = await now(page);
      expect(losses.every(Number.isFinite)).toBe(true);

      const field = page.getByRole('textbox', { name: 'Options of half-step' });
      await field.fill('{"share": ');
      await field.press('Tab');
      await page.getByRole('alert').getByText('Options of half-step must be a JSON object').waitFor();
      await field.fill('{"share": 0.75}');
      await field.press('Tab');
      await until(
        page,
        () =>
          impflow.config.value.models[0]!.solver?.options?.['share'] === 0.75 &&
          impflow.runs.value[0]!.status.value === 'paused',
        undefined,
      );
      await press(page, 'Step');
      await untilStep(page, 1);
      // A link cannot run plugin code, because the address contains only the name of the solver.
      await eventually(() => page.evaluate(() => location.hash)).toContain('solver=half-step');
      expect(await page.evaluate(() => location.hash)).not.toContain('half-step.js');
    }));

  it('a model file names the plugin that the model needs; with the plugin, the opened model has the same density', async () => {
    let [bytes, before]: [Uint8Array, readonly number[]] = [new Uint8Array(0), []];
    await visit({ hash: TINY, provokes }, async ({ page, address }) => {
      await untilReady(page);
      await load(page, 'half-step.js');
      await untilReady(page);
      await choose(page, 'Solver', 'half-step');
      await untilChosen(page, 'solver', 'half-step');
      await trainTo(page, 5);
      before = await scores(page);
      ({ bytes } = await saved(page, 'Save model'));
      const { spec, extra } = decodeCheckpoint(bytes);
      expect([spec, extra]).toMatchObject([
        { flow: { solver: { name: 'half-step' } } },
        { options: { solver: 'half-step' }, program: { plugin: [`${address}half-step.js`] } },
      ]);
    });
    await visit({ hash: TINY, provokes }, async ({ page, address, requests }) => {
      await untilReady(page);
      await openModel(page, 'mine.safetensors', bytes);
      // The model file contains the address of a module on another host. A module with the same path exists on this
      // host.
      await untilTold(
        page,
        new RegExp(
          String.raw`This file needs a method that is not available: Unknown solver.*half-step.*The model was trained with the ` +
            String.raw`plugin http.*half-step\.js: add this plugin first\.`,
        ),
      );
      // Opening a file does not load the plugin modules that the file names.
      expect(requests.filter((request) => request.includes('half-step'))).toEqual([]);
      expect(await now(page)).toMatchObject({ step: 0, status: 'paused' });
      await load(page, 'half-step.js');
      await untilReady(page);
      await openModel(page, 'mine.safetensors', bytes);
      await untilTold(page, 'mine.safetensors is open');
      expect(await scores(page)).toEqual(before);
      expect((await config(page)).models[0]!.solver).toEqual({ name: 'half-step' });
      expect((await config(page)).plugins).toEqual([`${address}half-step.js`]);
    });
  });

  it('a plugin can add estimators and activations, and more plugins can be added later', () =>
    visit({ hash: TINY, provokes }, async ({ page, address }) => {
      await untilReady(page);
      await press(page, 'Step');
      await untilStep(page, 1);
      const {
        losses: [first],
      } = await now(page);
      await load(page, 'more-plugins.js');
      await eventually(() => listed(page, 'Log-determinant')).toContain('by-hand');
      expect(await listed(page, 'Solver')).not.toContain('half-step');
      await choose(page, 'Log-determinant', 'by-hand');
      await untilChosen(page, 'logDet', 'by-hand');
      // A change of the estimator keeps the weights, so the test resets the model to its initial weights.
      await press(page, 'Reset');
      await eventually(async () => (await now(page)).losses.length).toBe(0);
      await untilReady(page);
      await press(page, 'Step');
      await untilStep(page, 1);
      // The model and the rows are unchanged, and both estimators are exact, so the loss of the first step is
      // unchanged.
      await eventually(async () => (await now(page)).losses.length).toBe(1);
      expect(Math.abs((await now(page)).losses[0]! - first!)).toBeLessThan(1e-5);

      await choose(page, 'Activation', 'arc-tangent');
      await untilChosen(page, 'activation', 'arc-tangent');
      await page.getByText('From a plugin.').waitFor();
      await trainTo(page, 5);
      const trained = await scores(page);
      await load(page, 'half-step.js');
      await eventually(() => listed(page, 'Solver')).toContain('half-step');
      await untilReady(page);
      // The weights have moved to new workers. The new workers have loaded both plugins.
      expect(distance(await scores(page), trained)).toBeLessThan(1e-6);
      expect((await config(page)).plugins).toEqual([`${address}more-plugins.js`, `${address}half-step.js`]);
      await choose(page, 'Solver', 'half-step');
      await untilChosen(page, 'solver', 'half-step');
      await trainTo(page, 5);
      expect((await now(page)).losses.every(Number.isFinite)).toBe(true);

      // A plugin that is already loaded cannot be loaded a second time.
      await (await ask(page, 'half-step.js')).getByRole('button', { name: 'Run it' }).click();
      await page
        .getByRole('alert')
        .getByText(/half-step.*is (already )?taken/)
        .waitFor();
      expect((await config(page)).plugins.length).toBe(2);
      await press(page, 'Step');
    }));

  it('a plugin is not requested if the visitor declines, and no address of the page can load a plugin', () =>
    visit({ hash: `${TINY}&plugins=half-step.js&plugin=half-step.js&solver=half-step` }, async ({ page, requests }) => {
      await untilReady(page);
      await untilTold(
        page,
        /solver is “half-step”, which is not built in\. If a plugin provides this method, load the plugin and choose the method on the page\./,
      );
      for (const no of [
        (question: Locator) => question.getByRole('button', { name: 'Cancel' }).click(),
        (question: Locator) => question.getByRole('button', { name: 'Close' }).click(),
        () => page.keyboard.press('Escape'),
      ]) {
        const question = await ask(page, 'half-step.js');
        await question.waitFor();
        await no(question);
        await question.waitFor({ state: 'detached' });
      }
      await press(page, 'Step');
      await untilStep(page, 1);
      expect(requests.filter((request) => request.includes('half-step'))).toEqual([]);
      expect((await config(page)).plugins).toEqual([]);
      expect(await listed(page, 'Solver')).not.toContain('half-step');
    }));

  it('a plugin on another site is refused with a reason, before a confirmation and before any request', () =>
    visit({ hash: TINY }, async ({ page, address, requests }) => {
      await untilReady(page);
      const elsewhere = `The module must be on this site, ${new URL(address).origin}: the page refuses code from other sites.`;
      for (const [typed, words] of [
        ['', 'Type the address of a module, such as plugins/my-solver.js.'],
        ['   ', 'Type the address of a module'],
        ['http://', 'That is no address.'],
        ['https://elsewhere.invalid/half-step.js', elsewhere],
        ['//elsewhere.invalid/half-step.js', elsewhere],
        ['http://127.0.0.1:1/half-step.js', elsewhere],
        ['data:text/javascript,export const impflow = {}', elsewhere],
        ['javascript:alert(1)', elsewhere],
        ['file:///half-step.js', elsewhere],
      ] as const) {
        await ask(page, typed);
        await page.getByRole('alert').getByText(words).waitFor();
        expect([typed, await page.getByRole('dialog').count()]).toEqual([typed, 0]);
      }
      // The address is a blob URL with the origin of this site. The worker refuses blob URLs.
      const question = await ask(page, `blob:${address}b9b2a0d4-8a0e-4c58-8f4e-2d0f3d9a5b11`);
      await question.getByRole('button', { name: 'Run it' }).click();
      await page.getByRole('alert').getByText('A plugin from another site: expected an address on').waitFor();
      expect((await config(page)).plugins).toEqual([]);
      expect(requests.filter((request) => !request.startsWith(address))).toEqual([]);
      await press(page, 'Step');
      await untilStep(page, 1);
    }));

  const refused: readonly (readonly [typed: string, words: string | RegExp])[] = [
    [
      'nowhere.js',
      new RegExp(
        String.raw`^Cannot load the plugin .*nowhere\.js: expected a JavaScript module, ` +
          String.raw`got .*Check that the file exists, and that it has no imports of bare package names\.`,
      ),
    ],
    ['broken.js', /^Cannot load the plugin .*broken\.js: expected a JavaScript module, got Unexpected token/],
    ['thrower.js', /^Cannot load the plugin .*thrower\.js: expected a JavaScript module, got I do not feel like it\./],
    ['needy.js', /^Cannot load the plugin .*needy\.js: .*"@impflow\/core".*no imports of bare package names\./],
    [
      'no-plugin.js',
      /no-plugin\.js" is not a plugin: expected an export "impflow" of factories by kind .*, got exports greeting\./,
    ],
    ['wrong-kind.js', /wrong-kind\.js" is not a plugin: expected an export "impflow" of factories by kind/],
    ['taken.js', /anderson.*taken/],
  ];
  it(`a module that is not a plugin is refused with a message, and training continues: ${refused.map(([typed]) => typed).join(', ')}`, () =>
    visit({ hash: TINY, provokes: [/nowhere\.js/, /status of 404/] }, async ({ page }) => {
      await untilReady(page);
      const before = await config(page);
      await press(page, 'Play');
      await untilStep(page, 1);
      for (const [typed, words] of refused) {
        const { step } = await now(page);
        await (await ask(page, typed)).getByRole('button', { name: 'Run it' }).click();
        await page.getByRole('alert').getByText(words).waitFor();
        await untilStep(page, step + 1);
      }
      expect(await config(page)).toEqual(before);
      expect(await now(page)).toMatchObject({ status: 'running', playing: true });
      // The workers that tried to load the refused modules have ended.
      await eventually(async () => (await workersOf(page, 'viewer')).length).toBe(1);
    }));

  it('choosing a plugin solver that cannot be built fails with a reason, and Undo restores the previous model', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 5);
      const [before, { step }] = [await scores(page), await now(page)];
      await load(page, 'useless.js');
      await untilReady(page);
      await choose(page, 'Solver', 'useless');
      await untilTold(page, 'There is no such solver after all');
      await press(page, 'Undo');
      await untilStep(page, step);
      await untilReady(page);
      expect(distance(await scores(page), before)).toBeLessThan(1e-6);
      await press(page, 'Step');
      await untilStep(page, step + 1);
    }));
});
