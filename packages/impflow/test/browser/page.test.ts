// Tests of `fit` and `load` in a real browser, in a web page that vite builds.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeCheckpoint } from '@impflow/training';
import { fit as fitHere, type FitEvent, type FitOptions, type fit as Fit, type load as Load } from 'impflow';
import { chromium, type Browser, type Page } from 'playwright';
import { build, defaultClientConditions } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../../testkit/private/chromium.mjs';
import { serveFolder, type StaticServer } from '../../../testkit/private/static-server.mjs';

declare global {
  var fitInPage: typeof Fit;
  var loadInPage: typeof Load;
}

const PENGUINS = new URL('../../../../examples/impflow/penguins.json', import.meta.url);
const penguins = JSON.parse(readFileSync(PENGUINS, 'utf8')) as Record<string, string | number | null>[];
const wave = Array.from({ length: 120 }, (_, i) => ({ x: Math.sin(i), y: i % 3 === 0 ? 'a' : 'b' }));

/** Options of a small model, for tests in which the quality of the model does not matter. */
const quick = { hidden: [4], blocks: 1, workers: 1 };

const out = mkdtempSync(join(tmpdir(), 'impflow-page-'));
let browser: Browser;
let server: StaticServer;
let page: Page;

beforeAll(async () => {
  await build({
    root: fileURLToPath(new URL('page', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@impflow/source', ...defaultClientConditions] },
    build: { outDir: out, emptyOutDir: true },
  });
  server = await serveFolder(out);
  browser = await chromium.launch({ executablePath: chromiumPath()!, args: ['--no-sandbox'] });
  page = await browser.newPage();
  await page.goto(server.address);
  await page.waitForFunction(() => typeof fitInPage === 'function');
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  rmSync(out, { recursive: true });
});

/** Calls `fit` in the page. Returns the report, the checkpoint, the events and the evaluation of the model. */
const fitThere = (rows: object, options: FitOptions) =>
  page.evaluate(
    async ([given, chosen]) => {
      const events: FitEvent['kind'][] = [];
      const model = await fitInPage(given as Record<string, string>[], {
        ...chosen,
        onEvent: ({ kind }) => events.push(kind),
      });
      const { report } = model;
      const bytes = [...model.toBytes()];
      const evaluation = await model.evaluate();
      model.dispose();
      return { report, bytes, events, evaluation };
    },
    [rows, options] as const,
  );

/** Returns the SHA-256 of every tensor of a checkpoint, by name. */
const tensorsOf = (bytes: Uint8Array): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(decodeCheckpoint(bytes, 'it').tensors).map(([name, { data }]) => [
      name,
      createHash('sha256').update(data).digest('hex'),
    ]),
  );

/** Runs a function in the page, and returns the name and message of the error that it throws. */
const messageOf = (job: () => Promise<unknown>): Promise<string> =>
  page.evaluate(`(${job})().then(() => 'no error', ({ name, message }) => name + ': ' + message)`);

describe('`fit` in a page', () => {
  it('`fit` in a page gives the same bits as `fit` in Node', async () => {
    const options = { given: ['Species'], steps: 20, workers: 1, seed: 3 };
    const there = await fitThere(penguins, options);
    const here = await fitHere(penguins, options);
    expect(tensorsOf(Uint8Array.from(there.bytes))).toEqual(tensorsOf(here.toBytes()));
    expect(there.report.heldOut).toEqual(here.report.heldOut);
    expect(there.report.columns).toEqual(here.report.columns);
    here.dispose();
  });

  it('`fit` in a page sends events, and `evaluate` of its model uses the test rows of the training', async () => {
    const { events, report, evaluation } = await fitThere(wave, { ...quick, steps: 5 });
    expect(events.filter((kind) => kind === 'step')).toHaveLength(5);
    expect(events[0]).toBe('columns');
    expect(evaluation.heldOut).toEqual(report.heldOut);
  });

  it('workers in a page share each step if the option `workers` is set', async () => {
    const alone = await fitThere(wave, { ...quick, steps: 5 });
    const shared = await fitThere(wave, { ...quick, steps: 5, workers: 2 });
    expect(shared.report.workers).toBe(2);
    expect(shared.report.heldOut.nats).toBeCloseTo(alone.report.heldOut.nats, 3);
  });

  it('`fit` in a page accepts columns, an async iterable of chunks, files of text, also packed, and an address', async () => {
    const csv = `x,y\n${wave.map(({ x, y }) => `${x},${y}`).join('\n')}\n`;
    const hashes = await page.evaluate(
      async ([rows, text, options]) => {
        const columns = { x: Float64Array.from(rows, ({ x }) => x), y: rows.map(({ y }) => y) };
        const chunks = (async function* () {
          yield rows.slice(0, 50);
          yield rows.slice(50);
        })();
        const file = new File([text], 'wave.csv');
        const lines = new File([rows.map((row) => JSON.stringify(row)).join('\n')], 'wave.jsonl');
        const packing = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
        const packed = new File([await new Response(packing).blob()], 'wave.csv.gz');
        const forms = [
          rows,
          columns,
          chunks,
          file,
          lines,
          packed,
          URL.createObjectURL(new Blob([text], { type: 'text/csv' })),
        ];
        const found: unknown[] = [];
        for (const form of forms) found.push((await fitInPage(form as Blob, options)).report.heldOut.nats);
        return found;
      },
      [wave, csv, { ...quick, steps: 2 }] as const,
    );
    expect(new Set(hashes).size).toBe(1);
  });

  it('`fit` in a page accepts more rows than one message to the worker contains', async () => {
    const count = await page.evaluate(async (small) => {
      const rows = Array.from({ length: 25_000 }, (_, i) => ({ x: Math.sin(i), y: Math.cos(7 * i) }));
      const options = { ...small, steps: 1, validation: rows.slice(0, 20), test: rows.slice(20, 60) };
      return (await fitInPage(rows, options)).report.heldOut.rows;
    }, quick);
    expect(count).toBe(40);
  });

  it('an abort signal ends a training in a page immediately, and `fit` throws the reason of the signal', async () => {
    const message = await page.evaluate(async (rows) => {
      const abort = new AbortController();
      const onEvent = ({ kind }: FitEvent): void => {
        if (kind === 'step') abort.abort(new Error('Enough.'));
      };
      return fitInPage(rows, { seconds: 60, signal: abort.signal, onEvent }).then(String, ({ message: text }) => text);
    }, wave);
    expect(message).toBe('Enough.');
  });

  it('an error in `onEvent` ends a training in a page, and `fit` throws this error', async () => {
    const message = await page.evaluate(
      (rows) =>
        fitInPage(rows, {
          seconds: 60,
          onEvent: () => {
            throw new Error('Mine.');
          },
        }).then(String, ({ message: text }) => text),
      wave,
    );
    expect(message).toBe('Mine.');
  });

  it.each([
    [
      'no rows',
      () => fitInPage(5 as never),
      'FlowError: [impflow/rows] Wrong rows: expected an array of objects, got a number.',
    ],
    [
      'a function as a cell',
      () => fitInPage([{ x: () => 1 }] as never),
      'A value that cannot be a cell in the key "x" of the rows, row 1: ',
    ],
    ['an unknown option', () => fitInPage([{ x: 1 }], { stepz: 5 } as never), 'Did you mean "steps"?'],
    [
      'an option that cannot be sent to a worker',
      () => fitInPage([{ x: 1 }], { steps: () => 5 } as never),
      'The options cannot be sent to a worker: ',
    ],
    ['plugins', () => fitInPage([{ x: 1 }], { plugins: [{}] }), 'The option plugins does not work in a page: '],
    [
      'a density from which rows are drawn',
      () => fitInPage({ sample: () => new Float32Array(1), columns: [], source: '' }),
      'Wrong rows: expected a table, got a density from which rows are drawn',
    ],
  ])('fit in a page refuses %s with an error message', async (_, job, sentence) => {
    expect(await messageOf(job)).toContain(sentence);
  });
});

it('a model that was saved in Node gives the same scores in a page as in Node', async () => {
  const model = await fitHere(wave, { ...quick, steps: 5 });
  const scores = await page.evaluate(
    async ([bytes, rows]) => (await loadInPage(Uint8Array.from(bytes))).score(rows).map(({ logDensity }) => logDensity),
    [[...model.toBytes()], wave] as const,
  );
  expect(scores).toEqual(model.score(wave).map(({ logDensity }) => logDensity));
  model.dispose();
});
