import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFlowError } from '@impflow/core';
import {
  sampleTable,
  scoreTable,
  taskHandler,
  type PartsEvent,
  type ResultOf,
  type TaskPool,
  type TableJobOptions,
} from '@impflow/jobs';
import { readFrame } from '@impflow/tables';
import { memory } from '@tensorflow/tfjs-core';
import { fit, type Model } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporary } from './folders.ts';

const folder = temporary();
const at = (...names: readonly string[]): string => join(folder, ...names);
const names = (place: string): readonly string[] => readdirSync(at(place)).toSorted();

/** Runs tasks in this process. */
const handler = taskHandler();
const here: TaskPool = {
  run: async (task, { signal = new AbortController().signal, onProgress = () => {} } = {}) =>
    (await handler(task, { signal, onProgress })) as ResultOf<typeof task>,
  close: async () => {},
};

let model: Model;
beforeAll(async () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({
    x: Math.sin(i * i),
    y: Math.cos(3 * i),
    kind: i % 3 === 0 ? 'a' : 'b',
  }));
  model = await fit(rows, { steps: 20, hidden: [8], blocks: 1, workers: 1 });
  await model.save(at('run'));
  await sampleTable(at('run'), 500, { runner: here, out: at('rows.csv') });
});

describe('`scoreTable`', () => {
  it('`scoreTable` writes the scores of the model into one file, or into a folder of parts', async () => {
    const table = await readFrame(at('rows.csv'));
    const rows = Array.from({ length: 500 }, (_, row) =>
      Object.fromEntries(table.columns.map(({ name, numbers, texts }) => [name, texts?.[row] ?? numbers![row]!])),
    );
    const wanted = model.score(rows).map(({ logDensity }) => logDensity);
    const options: TableJobOptions = { runner: here };
    const one = await scoreTable(at('run'), at('rows.csv'), { ...options, out: at('one.csv'), partBytes: 3000 });
    const parts = await scoreTable(at('run'), at('rows.csv'), { ...options, out: at('parts'), partBytes: 3000 });
    expect([one!.parts, parts!.parts! > 3]).toEqual([undefined, true]);
    expect(one).toEqual({ ...parts, parts: undefined });
    const found = (await readFrame(at('one.csv'))).columns.find(({ name }) => name === 'log_density')!.numbers!;
    expect(found.length).toBe(500);
    expect(Math.max(...found.map((each, row) => Math.abs(each - wanted[row]!)))).toBeLessThan(1e-5);
    const lowest = [...wanted.keys()].toSorted((a, b) => wanted[a]! - wanted[b]!).slice(0, 10);
    expect(parts!.lowest.map(({ row }) => row)).toEqual(lowest);
    expect(names('parts').at(0)).toBe('manifest.json');
    expect(existsSync(at('.one.csv.parts'))).toBe(false);
  });

  it('`scoreTable` reports the finished rows, and computes nothing for a complete folder', async () => {
    const told: PartsEvent[] = [];
    const job = {
      runner: here,
      out: at('told'),
      partBytes: 3000,
      onEvent: (event: PartsEvent) => void told.push(event),
    };
    await scoreTable(at('run'), at('rows.csv'), job);
    const rows = told.flatMap((event) => (event.kind === 'rows' ? [event.rowsDone] : []));
    expect(rows).toEqual(rows.toSorted((a, b) => a - b));
    expect(rows.at(-1)).toBe(500);
    told.length = 0;
    await scoreTable(at('run'), at('rows.csv'), job);
    expect(told.find(({ kind }) => kind === 'start')).toMatchObject({ rows: 500, rowsDone: 500 });
    expect(told.some(({ kind }) => kind === 'rows')).toBe(false);
  });

  it('a job frees the model of the previous task when it opens another model', async () => {
    await model.save(at('again'));
    const one = (run: string, seed: number): Promise<unknown> =>
      sampleTable(at(run), 5, { runner: here, seed, out: at(`seed-${seed}.csv`) });
    await one('again', 1);
    const { numTensors } = memory();
    await one('run', 2);
    await one('again', 3);
    expect(memory().numTensors).toBe(numTensors);
  });

  it('`scoreTable` flags rows with the option `alarm`, and refuses wrong options', async () => {
    const scored = await scoreTable(at('run'), at('rows.csv'), { runner: here, alarm: 0.2 });
    expect(scored!.flagged).toBeGreaterThan(0);
    const job = (options: object): Promise<unknown> =>
      scoreTable(at('run'), at('rows.csv'), { runner: here, ...options });
    await expect(job({ share: { index: 0, of: 2 } })).rejects.toThrow('The option share needs a folder for its parts');
    await expect(job({ out: at('told') })).rejects.toThrow('holds parts of another job');
    await expect(job({ out: at('one.csv') })).rejects.toThrow('exists already');
    await expect(job({ backend: 'cuda' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(scoreTable(at('none'), at('rows.csv'), { runner: here })).rejects.toSatisfy((error) =>
      isFlowError(error, 'input'),
    );
  });
});

describe('`sampleTable`', () => {
  it('`sampleTable` draws the same rows for any number of parts and processes', async () => {
    const job = { runner: here, seed: 3, format: 'csv' } as const;
    await sampleTable(at('run'), 700, { ...job, out: at('whole.csv') });
    await sampleTable(at('run'), 700, { ...job, out: at('joined.csv'), partRows: 200 });
    expect(readFileSync(at('joined.csv'))).toEqual(readFileSync(at('whole.csv')));
    const shares = [0, 1].map((index) => ({ ...job, out: at('shared'), partRows: 200, share: { index, of: 2 } }));
    expect(await sampleTable(at('run'), 700, shares[0]!)).toBeUndefined();
    expect(await sampleTable(at('run'), 700, shares[1]!)).toEqual({ rows: 700, columns: ['x', 'y', 'kind'], parts: 4 });
    const parts = names('shared').slice(1);
    const texts = parts.map((name) => readFileSync(at('shared', name), 'utf8').replace(/^.*\n/, ''));
    expect(texts.join('')).toBe(readFileSync(at('whole.csv'), 'utf8').replace(/^.*\n/, ''));
  });

  it('`sampleTable` refuses a model that has changed since the job began', async () => {
    const changed: TaskPool = {
      ...here,
      run: async (task, options) => {
        await model.save(at('run'), { force: true });
        return here.run({ ...task, checkpoint: 'a'.repeat(64) }, options);
      },
    };
    await expect(sampleTable(at('run'), 10, { runner: changed, out: at('changed.csv') })).rejects.toThrow(
      'has changed',
    );
    expect(existsSync(at('changed.csv'))).toBe(false);
  });
});
