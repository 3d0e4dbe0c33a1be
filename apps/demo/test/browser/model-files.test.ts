// Tests that the page and the command line `impflow` can save and open each other's models, and that the page saves
// samples and pictures.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wasm } from '@impflow/backend-wasm';
import { buildFlow, builtInRegistries, imagePreset, tabularPreset, type FlowSpec } from '@impflow/flows';
import { toy } from '@impflow/tables/toys';
import { decodeCheckpoint, encodeCheckpoint, encodeSafetensors } from '@impflow/training';
import { fitTable, openDensity, readModel, trainedDensity } from 'impflow/run';
import type { Page } from 'playwright';
import { beforeAll, describe, expect, it } from 'vitest';
import { drag, folderOfTest, give, openModel, saved, type Content } from './files.ts';
import {
  choose,
  config,
  distance,
  eventually,
  now,
  onlyTwo,
  POINTS,
  press,
  scores,
  stepShown,
  trainTo,
  type,
  until,
  untilReady,
  untilSeen,
  untilStep,
  untilTold,
} from './page-actions.ts';
import { useSite } from './site.ts';

const { visit } = useSite();
const { folder, write } = folderOfTest();
const TINY = '#blocks=2&hidden=16-16&batch=64&steps=0';

beforeAll(() => wasm().start());

/** Returns the log-densities of rows `[n, 2]` under the page's model. */
const scoresOf = (page: Page, rows: readonly number[], slot = 0): Promise<readonly number[]> =>
  page.evaluate(
    async ([points, which]) => Array.from(await impflow.logProb(which as 0 | 1, Float32Array.from(points))),
    [rows, slot] as const,
  );

/** Returns the log-densities of rows `[n, 2]` that impflow computes with the model in a file. */
const scoredThere = async (
  file: string,
  [across, up]: readonly [string, string],
  rows: readonly number[],
): Promise<readonly number[]> => {
  const { checkpoint, source } = await readModel(file);
  const model = trainedDensity(openDensity(checkpoint, builtInRegistries, source));
  const { values, converged } = model.score(
    Array.from({ length: rows.length / 2 }, (_, i) => ({ [across]: rows[2 * i], [up]: rows[2 * i + 1] })),
  );
  expect(converged.every((flag) => flag === 1)).toBe(true);
  return [...values];
};

const opened = (page: Page, name: string): Promise<void> => untilTold(page, `${name} is open`);

/** Returns 200 points around `(x, y)`, in a region whose size is given by `width` and `height`. */
const around = (x: number, y: number, width: number, height: number): readonly number[] =>
  POINTS.map((value, i) => Math.fround(i % 2 === 0 ? x + (width * value) / 3 : y + (height * value) / 2));
const HEIGHTS = [
  'age,"height, cm"',
  ...Array.from(
    { length: 300 },
    (_, i) => `${(i * i) % 12},${(110 + 6 * ((i * i) % 12) + 5 * Math.sin(i)).toFixed(2)}`,
  ),
].join('\n');

interface Case {
  readonly name: string;
  readonly hash: string;
  /** Chooses the data and the model on the page, before training. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  readonly columns: readonly [string, string];
  readonly rows: readonly number[];
}
const cases: readonly Case[] = [
  { name: 'moons', hash: TINY, columns: ['x', 'y'], rows: POINTS },
  {
    name: 'moons with a residual model and another activation, solver and estimator',
    hash: `${TINY}&model=residual&activation=lipSwish&coeff=0.9&logdet=series&solver=anderson`,
    columns: ['x', 'y'],
    rows: POINTS,
  },
  { name: 'rings with a coupling model', hash: `${TINY}&data=rings&model=coupling`, columns: ['x', 'y'], rows: POINTS },
  {
    name: 'a table with one column of whole numbers',
    hash: TINY,
    columns: ['age', 'height, cm'],
    rows: around(6, 145, 8, 40).map((value, i) => (i % 2 === 0 ? Math.round(value) : value)),
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Open a table' }).click();
      await give(page.getByRole('button', { name: 'Choose a file…' }), 'heights.csv', HEIGHTS);
      await (await onlyTwo(page)).click();
      await until(page, () => impflow.config.value.data.kind === 'table', undefined);
    },
  },
  {
    name: 'earthquakes',
    hash: TINY,
    columns: ['longitude (degrees)', 'latitude (degrees)'],
    rows: around(-60, 30, 120, 50),
    prepare: async (page) => {
      await choose(page, 'Points from', 'Earthquakes of one week');
      await until(page, () => impflow.config.value.data.kind === 'place', undefined);
    },
  },
];

describe('model files', () => {
  it.each(cases)(
    'a model of $name has the same density after saving and opening, and impflow computes this density bit-identically',
    async ({ hash, prepare, columns, rows }) => {
      const file = join(folder, 'impflow-model.safetensors');
      let [before, step]: [readonly number[], number] = [[], 0];
      let drawn = '';
      await visit({ hash }, async ({ page }) => {
        await untilReady(page);
        await prepare?.(page);
        await untilReady(page);
        await trainTo(page, 25);
        ({ step } = await now(page));
        before = await scoresOf(page, rows);
        const { name, bytes } = await saved(page, 'Save model');
        expect(name).toBe('impflow-model.safetensors');
        write(name, bytes);
        drawn = new TextDecoder().decode((await saved(page, 'Save samples')).bytes);
      });
      expect(before.length).toBe(200);
      expect(before.every(Number.isFinite)).toBe(true);
      expect(await scoredThere(file, columns, rows)).toEqual(before);

      await visit({ hash: '#data=swissroll&blocks=1&hidden=8&batch=64' }, async ({ page }) => {
        await untilReady(page);
        await openModel(page, 'impflow-model.safetensors', readFileSync(file));
        await untilTold(
          page,
          `impflow-model.safetensors is open: ${step} steps trained. It replaces the model; undo restores that.`,
        );
        await eventually(() => stepShown(page)).toBe(String(step));
        expect(await scoresOf(page, rows)).toEqual(before);
        // The file also stores the properties of the data columns, so the samples of the opened model equal the samples
        // before saving.
        expect(new TextDecoder().decode((await saved(page, 'Save samples')).bytes)).toBe(drawn);
        await untilSeen(page);
        const { bytes } = await saved(page, 'Save model');
        expect(Buffer.compare(bytes, readFileSync(file))).toBe(0);
      });
    },
  );

  it.each(['implicit', 'coupling'])(
    'the page opens an impflow model (%s) with the same densities, and impflow resumes a training that the page continued',
    async (kind) => {
      const moons = { ...toy('moons'), columns: ['x', 'y'], source: 'moons' };
      const common = { registries: builtInRegistries, workers: 1 };
      const options = { model: kind, blocks: 2, hidden: [16, 16], validateEvery: 10 };
      const end = await fitTable(moons, { ...common, ...options, steps: 30 });
      if (end.stopped === 'aborted') throw new Error('aborted');
      const file = join(folder, `${kind}.safetensors`);
      writeFileSync(file, end.model.toBytes());
      const there = await scoredThere(file, ['x', 'y'], POINTS);
      await visit({ hash: '#data=moons&blocks=1&hidden=8&batch=64' }, async ({ page }) => {
        await untilReady(page);
        await openModel(page, 'checkpoint.safetensors', readFileSync(file));
        await opened(page, 'checkpoint.safetensors');
        expect(await scores(page)).toEqual(there);
        // The settings show the kind and the sizes of the opened model.
        expect((await config(page)).models).toMatchObject([{ kind, blocks: 2, hidden: [16, 16] }]);
        await page
          .getByRole('heading', { name: `${kind === 'implicit' ? 'Implicit' : 'Coupling'}, 2 blocks of 16 · 16` })
          .waitFor();
        await untilSeen(page);
        const before = await heldOutAtRest(page);
        await trainTo(page, 130);
        const { step } = await now(page);
        expect(await heldOutAtRest(page)).toBeLessThan(before - 0.05);
        writeFileSync(file, (await saved(page, 'Save model')).bytes);
        const { checkpoint: resume } = await readModel(file);
        expect(await fitTable(moons, { ...common, resume, steps: step + 2 })).toMatchObject({ step: step + 2 });
      });
    },
  );

  it('the next training step of a model is the same with and without saving and opening the model', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 20);
      const { step } = await now(page);
      const { bytes } = await saved(page, 'Save model');
      await press(page, 'Step');
      await untilStep(page, step + 1);
      const next = await scores(page);
      // The next step has the same learning rate, the same rows and the same moments of the optimizer as without
      // saving.
      await openModel(page, 'mine.safetensors', bytes);
      await opened(page, 'mine.safetensors');
      await untilReady(page);
      expect((await now(page)).step).toBe(step);
      await press(page, 'Step');
      await untilStep(page, step + 1);
      expect(await scores(page)).toEqual(next);
    }));

  it('the page can save a model during training', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await press(page, 'Play');
      await untilStep(page, 5);
      const { bytes } = await saved(page, 'Save model');
      const { step, spec, extra } = decodeCheckpoint(bytes);
      expect(step).toBeGreaterThanOrEqual(5);
      expect([spec, extra]).toMatchObject([
        { kind: 'records', flow: { dim: 2 } },
        { data: { data: 'moons' }, options: { model: 'implicit', blocks: 2, hidden: [16, 16], batch: 64, lr: 0.005 } },
      ]);
      expect(await now(page)).toMatchObject({ status: 'running', playing: true });
      await untilStep(page, step + 20);
    }));
});

/** Returns the held-out loss of the current weights. */
const heldOutAtRest = async (page: Page): Promise<number> => {
  await untilReady(page);
  await until(
    page,
    () => impflow.runs.value[0]!.history.value.heldOut.at(-1)?.step === impflow.runs.value[0]!.step.value,
    undefined,
  );
  return (await now(page)).heldOut!;
};

describe('opening a model file', () => {
  /** Returns a checkpoint of a new model with this spec. */
  const made = async (spec: FlowSpec): Promise<Uint8Array> =>
    encodeCheckpoint({ spec, step: 3, seed: 0, model: buildFlow(spec) });
  let own: Uint8Array;
  let foreign: readonly (readonly [what: string, content: Content, words: string | RegExp])[];
  beforeAll(async () => {
    own = await made(tabularPreset({ dim: 2, blocks: 1, hidden: [8, 8] }));
    const weights = { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } as const;
    const net = { hidden: [8], activation: { name: 'sin' }, coeff: 0.9 };
    foreign = [
      [
        'nothing',
        '',
        'This file: Too short: expected at least 8 bytes, got 0. The file is damaged, or not a safetensors file.',
      ],
      ['random bytes', randomBytes(4000), 'This file'],
      ['text', 'x,y\n1,2\n'.repeat(50), 'This file'],
      [
        'a safetensors file of another program',
        encodeSafetensors({ weights }, { format: 'pt' }),
        'This file: A safetensors file, but no checkpoint of ImpFlow: expected an entry "impflow" in its metadata, got entries format.',
      ],
      ['half of a checkpoint', own.subarray(0, own.length >> 1), 'This file'],
      ['a checkpoint without its last byte', own.subarray(0, -1), 'This file'],
      [
        'a checkpoint of another version',
        encodeSafetensors(
          { weights },
          { impflow: JSON.stringify({ format: 'impflow', version: 2, step: 0, seed: 0, spec: {} }) },
        ),
        'Unknown version of the checkpoint format: expected 1, got 2.',
      ],
      [
        'a checkpoint without a model',
        await encodeCheckpoint({ spec: { dim: 2, blocks: 'none' }, seed: 0, model: { parameters: {}, buffers: {} } }),
        'This file: wrong ',
      ],
      [
        'a checkpoint whose tensors do not belong to its model',
        await encodeCheckpoint({
          spec: { version: 1, dim: 2, base: { name: 'normal' }, blocks: [{ kind: 'residual', g: net }] },
          seed: 0,
          model: { parameters: {}, buffers: {} },
        }),
        'This file',
      ],
      [
        'a model of 5 columns',
        await made(tabularPreset({ dim: 5, blocks: 1, hidden: [8, 8] })),
        'This file does not fit the page: expected a density of two columns, got a density of 5 columns. ' +
          'Use the command line: impflow inspect, score, sample.',
      ],
      [
        'a model of images',
        await made(imagePreset({ shape: [4, 4, 1], scales: 1, blocks: 1, hidden: [4, 4], dense: { blocks: 0 } })),
        'expected a density of two columns, got a density of images [4, 4, 1].',
      ],
      [
        'a model of two columns given other columns',
        await made(tabularPreset({ dim: 2, blocks: 1, hidden: [8, 8], context: 3 })),
        'expected a density of two columns, got a density of two columns given 3 other columns.',
      ],
      [
        'a classifier',
        await encodeCheckpoint({ spec: { kind: 'classifier' }, seed: 0, model: { parameters: {}, buffers: {} } }),
        'expected a density of two columns, got a classifier of images.',
      ],
      [
        'a model with an unknown solver',
        await encodeCheckpoint({
          spec: {
            version: 1,
            dim: 2,
            base: { name: 'normal' },
            blocks: [{ kind: 'implicit', gx: net, gz: net }],
            solver: { name: 'crystal-ball' },
          },
          seed: 0,
          model: { parameters: {}, buffers: {} },
        }),
        /This file needs a method that is not available: .*crystal-ball.*If a plugin provides this method, add the plugin first\./,
      ],
    ];
  });

  it('opening a file that has no model for this page fails with a reason, and the current training continues', () =>
    visit({ hash: `${TINY}` }, async ({ page }) => {
      await untilReady(page);
      const before = await config(page);
      await press(page, 'Play');
      await untilStep(page, 1);
      for (const [what, content, words] of foreign) {
        const { step } = await now(page);
        await openModel(page, 'foreign.safetensors', content);
        await untilTold(page, words);
        expect([what, await page.evaluate(() => impflow.notices.value.map(({ level }) => level))]).toEqual([
          what,
          ['error'],
        ]);
        await page.getByRole('button', { name: 'Dismiss' }).click();
        await untilStep(page, step + 1);
        expect([what, await now(page)]).toMatchObject([what, { status: 'running', playing: true }]);
      }
      expect(await config(page)).toEqual(before);
      expect(await page.evaluate(() => impflow.canUndo.value)).toBe(false);
      await press(page, 'Pause');
      await untilReady(page);
      await openModel(page, 'good.safetensors', own);
      await opened(page, 'good.safetensors');
    }));

  it('after opening a model, Undo restores the previous model', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 20);
      const [before, { step, losses }, choices] = [await scores(page), await now(page), await config(page)];
      await openModel(page, 'other.safetensors', own);
      await opened(page, 'other.safetensors');
      expect((await now(page)).step).toBe(3);
      expect(distance(await scores(page), before)).toBeGreaterThan(0.1);
      expect(await config(page)).not.toEqual(choices);
      await press(page, 'Undo');
      await untilStep(page, step);
      await untilReady(page);
      expect(await scores(page)).toEqual(before);
      expect(await config(page)).toEqual(choices);
      expect((await now(page)).losses).toEqual(losses);
    }));

  it('a model file that is dropped on the page replaces the first of two models', () =>
    visit({ hash: `${TINY}&model2=coupling&equal=0` }, async ({ page }) => {
      await untilReady(page);
      await untilReady(page, 1);
      const second = await scores(page, 1);
      await (await drag(page, write('dropped.safetensors', own))).drop();
      await untilTold(
        page,
        'dropped.safetensors is open: 3 steps trained. It replaces the first model; undo restores that.',
      );
      expect(await scores(page, 1)).toEqual(second);
      expect((await now(page)).step).toBe(3);
      // The name of a saved file contains the letter of the saved model.
      await page.getByRole('radio', { name: 'B', exact: true }).check();
      const { name, bytes } = await saved(page, 'Save model');
      expect([
        name,
        (decodeCheckpoint(bytes).extra as { readonly options: { readonly model: string } }).options.model,
      ]).toEqual(['impflow-model-b.safetensors', 'coupling']);
    }));
});

describe('saving samples and pictures', () => {
  it('a saved table of samples has the requested number of rows', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 10);
      for (const count of [1, 37, 5000]) {
        await type(page, 'Number of samples', count);
        const { name, bytes } = await saved(page, 'Save samples');
        const lines = new TextDecoder().decode(bytes).split('\n');
        expect([name, lines[0], lines.at(-1)]).toEqual(['impflow-samples.csv', 'x,y', '']);
        const rows = lines.slice(1, -1).map((line) => line.split(',').map(Number));
        expect(rows.length).toBe(count);
        expect(
          rows.every((row) => row.length === 2 && row.every((value) => Number.isFinite(value) && Math.abs(value) < 20)),
        ).toBe(true);
        expect(new Set(rows.map(String)).size).toBe(count);
      }
      await type(page, 'Number of samples', 0);
      await page.getByRole('alert').getByText('Number of samples must be a whole number from 1 to 100000').waitFor();
    }));

  it('a saved picture of each kind is a PNG in color', () =>
    visit({ hash: TINY }, async ({ page }) => {
      await untilReady(page);
      await trainTo(page, 10);
      for (const [stage, called] of [
        ['Density', 'density'],
        ['Stretching', 'log-det'],
        ['Solver steps', 'solver-steps'],
        ['Warped grid', 'grid'],
      ] as const) {
        await page.getByRole('radio', { name: stage, exact: true }).check();
        await until(
          page,
          (wanted) => {
            const { map, warp } = impflow.runs.value[0]!;
            return wanted === 'grid' ? warp.value !== undefined : map.value?.quantity === wanted;
          },
          SHOWN[called],
        );
        const { name, bytes } = await saved(page, 'Save picture');
        expect(name).toBe(`impflow-${called}.png`);
        expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
        const { width, height, colors } = await seenIn(page, bytes);
        expect([called, width]).toEqual([called, 1280]);
        expect(height).toBeGreaterThan(1350);
        expect(height).toBeLessThan(1700);
        expect([called, colors > 20]).toEqual([called, true]);
      }
    }));
});

const SHOWN = { density: 'density', 'log-det': 'logDet', 'solver-steps': 'steps', grid: 'grid' } as const;

/** Returns the size of a picture, and the number of colors in its plot. */
const seenIn = (
  page: Page,
  bytes: Uint8Array,
): Promise<{ readonly width: number; readonly height: number; readonly colors: number }> =>
  page.evaluate(async (text) => {
    const bitmap = await createImageBitmap(
      new Blob([Uint8Array.from(atob(text), (letter) => letter.codePointAt(0)!)], { type: 'image/png' }),
    );
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(100, 100, bitmap.width - 200, bitmap.width - 200);
    return { width: bitmap.width, height: bitmap.height, colors: new Set(new Uint32Array(data.buffer)).size };
  }, Buffer.from(bytes).toString('base64'));
