import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readFrame } from '@impflow/tables';
import { beforeAll, describe, expect, it } from 'vitest';
import { compiled, csv, impflow, json, start, temporary, tree, until, within } from './harness.ts';
import { penguins, rowsCsv } from './tables.ts';

interface Answer {
  readonly rows: number;
  readonly parts?: number;
  readonly unconverged: number;
  readonly lowest: readonly { readonly row: number; readonly logDensity: number }[];
}
interface Manifest {
  readonly rows: number;
  readonly parts: readonly { readonly file: string; readonly rows: number; readonly sha256: string }[];
}

const folder = temporary();
const at = (...names: readonly string[]): string => join(folder, ...names);
const SHORT = ['--steps', '20', '--batch', '100', '--hidden', '8', '--blocks', '1', '--workers', '1', '--quiet'];
const scored = async (...args: readonly string[]): Promise<Answer> =>
  json<Answer>(await impflow('score', ...args, '--quiet', '--json'));
const manifestOf = (name: string): Manifest => JSON.parse(readFileSync(at(name, 'manifest.json'), 'utf8')) as Manifest;
const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Joins the CSV files of all parts in a folder. Returns their text with one header line. */
const joined = (name: string): string => {
  const texts = manifestOf(name).parts.map(({ file }) => readFileSync(at(name, file), 'utf8'));
  const head = texts[0]!.slice(0, texts[0]!.indexOf('\n') + 1);
  return head + texts.map((text) => text.slice(head.length)).join('');
};

beforeAll(async () => {
  compiled();
  // The first table has only numbers, and more rows than are scored between two updates of the progress display. The second table has text
  // columns and gaps.
  json(await within('train', '--data', 'earthquakes', ...SHORT, '--json', '--out', at('quakes')));
  json(await within('sample', at('quakes'), '-n', '20000', '--out', at('quakes.csv'), '--json'));
  json(await within('sample', at('quakes'), '-n', '20000', '--out', at('quakes.parquet'), '--json'));
  rowsCsv(at('birds.csv'), penguins());
  json(await within('train', '--data', at('birds.csv'), ...SHORT, '--json', '--out', at('birds')));
}, 120_000);

describe('`score` in parts', () => {
  it('`score` in parts writes the same bytes as `score` without parts', async () => {
    const whole = await scored(at('quakes'), at('quakes.csv'), '--out', at('whole.csv'));
    const parts = await scored(
      at('quakes'),
      at('quakes.csv'),
      '--out',
      at('one.csv'),
      '--workers',
      '2',
      '--part-bytes',
      '60kb',
    );
    expect(sha256(at('one.csv'))).toBe(sha256(at('whole.csv')));
    expect({ ...parts, out: '', file: '' }).toEqual({ ...whole, out: '', file: '' });
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('`score` in parts writes the scores of rows with text and gaps, into one file or into a folder', async () => {
    await scored(at('birds'), at('birds.csv'), '--out', at('birds-whole.csv'));
    const options = ['--workers', '2', '--part-bytes', '3kb'];
    await scored(at('birds'), at('birds.csv'), '--out', at('birds-one.csv'), ...options);
    expect(sha256(at('birds-one.csv'))).toBe(sha256(at('birds-whole.csv')));
    const { parts } = await scored(at('birds'), at('birds.csv'), '--out', at('birds-parts'), ...options);
    expect(parts).toBeGreaterThan(3);
    expect(joined('birds-parts')).toBe(readFileSync(at('birds-whole.csv'), 'utf8'));
  });

  it('`score` writes part files and a manifest with their hashes, for any number of processes', async () => {
    for (const workers of ['1', '2'])
      await scored(
        at('quakes'),
        at('quakes.parquet'),
        '--out',
        at(`parts-${workers}`),
        '--workers',
        workers,
        '--part-rows',
        '7000',
      );
    expect(tree(at('parts-1'))).toEqual(tree(at('parts-2')));
    const { rows, parts } = manifestOf('parts-1');
    expect(rows).toBe(20_000);
    expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(20_000);
    for (const { file, sha256: hash } of parts) expect(sha256(at('parts-1', file))).toBe(hash);
    const frames = await Promise.all(parts.map(({ file }) => readFrame(at('parts-1', file))));
    expect(frames.map(({ columns }) => columns.map(({ name }) => name))).toEqual(
      frames.map(() => ['log_density', 'percentile', 'converged', 'se', 'gaps', 'p_value']),
    );
  });

  it('`score` keeps the files of a complete folder, and refuses the folder of another job without `--force`', async () => {
    const args = [at('quakes'), at('quakes.csv'), '--out', at('twice'), '--part-bytes', '180kb'];
    const first = await scored(...args);
    const before = statSync(at('twice', 'part-00000.csv')).mtimeMs;
    expect(await scored(...args)).toEqual(first);
    expect(statSync(at('twice', 'part-00000.csv')).mtimeMs).toBe(before);
    const other = await impflow('score', at('birds'), at('birds.csv'), '--out', at('twice'));
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('holds parts of another job');
    await scored(at('birds'), at('birds.csv'), '--out', at('twice'), '--force');
    expect(manifestOf('twice').rows).toBe(344);
  });

  it('`score` in parts continues after it was killed', async () => {
    const args = ['score', at('quakes'), at('quakes.csv'), '--workers', '1', '--part-bytes', '10kb', '--quiet'];
    const killed = start(...args, '--out', at('killed'));
    await until(() => existsSync(at('killed', 'part-00003.csv')));
    killed.kill('SIGKILL');
    await killed.exited;
    expect(existsSync(at('killed', 'manifest.json'))).toBe(false);
    await impflow(...args, '--out', at('killed'));
    await impflow(...args, '--out', at('undisturbed'));
    expect(tree(at('killed'))).toEqual(tree(at('undisturbed')));
  });

  it('`score` in parts stops at an interruption, and prints how to continue', async () => {
    const running = start(
      'score',
      at('quakes'),
      at('quakes.csv'),
      '--out',
      at('interrupted'),
      '--workers',
      '1',
      '--part-bytes',
      '10kb',
    );
    await until(() => existsSync(at('interrupted', 'part-00002.csv')));
    running.kill('SIGINT');
    const { code, stderr } = await running.exited;
    expect(code).toBe(130);
    expect(stderr).toContain('run the same command again');
  });

  it('`score --alarm` in parts flags the rows that `score --alarm` without parts flags', async () => {
    const options = ['--alarm', '0.1', '--json', '--quiet'];
    const whole = json<{ alarm: { flagged: number } }>(
      await impflow('score', at('quakes'), at('quakes.csv'), '--out', at('alarm.csv'), ...options),
    );
    const parts = json<{ alarm: { flagged: number } }>(
      await impflow(
        'score',
        at('quakes'),
        at('quakes.csv'),
        '--out',
        at('alarm-2.csv'),
        '--part-bytes',
        '120kb',
        '--workers',
        '2',
        ...options,
      ),
    );
    expect(parts.alarm.flagged).toBe(whole.alarm.flagged);
    expect(whole.alarm.flagged).toBeGreaterThan(0);
    expect(sha256(at('alarm-2.csv'))).toBe(sha256(at('alarm.csv')));
  });

  it('`score` reads a folder, a pattern, and addresses of the run and the table', async () => {
    await scored(at('quakes'), at('quakes.csv'), '--out', at('from-file.csv'));
    const lines = readFileSync(at('quakes.csv'), 'utf8').trimEnd().split('\n');
    const days = temporary();
    csv(
      join(days, 'day-1.csv'),
      lines[0]!,
      lines.slice(1, 5001).map((line) => [line]),
    );
    csv(
      join(days, 'day-2.csv'),
      lines[0]!,
      lines.slice(5001).map((line) => [line]),
    );
    const server = createServer((request, response) => {
      const path = join(folder, new URL(request.url!, 'http://localhost').pathname);
      if (!existsSync(path)) return void response.writeHead(404).end();
      const { size } = statSync(path);
      const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
      if (range === null) {
        response.writeHead(200, { 'content-length': size, 'accept-ranges': 'bytes' });
        return void (request.method === 'HEAD' ? response.end() : createReadStream(path).pipe(response));
      }
      const [from, to] = [Number(range[1]), range[2] === '' ? size - 1 : Math.min(size - 1, Number(range[2]))];
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${size}`, 'content-length': to - from + 1 });
      return void createReadStream(path, { start: from, end: to }).pipe(response);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}`;
    try {
      for (const [i, [run, data]] of [
        [at('quakes'), days],
        [at('quakes'), join(days, 'day-*.csv')],
        [at('quakes'), join(days, 'day-?.csv')],
        [`${address}/quakes`, `${address}/quakes.csv`],
      ].entries()) {
        await scored(run!, data!, '--out', at(`from-${i}.csv`));
        expect(sha256(at(`from-${i}.csv`))).toBe(sha256(at('from-file.csv')));
      }
      const missing = await impflow('score', `${address}/nothing`, at('quakes.csv'), '--out', at('none'));
      expect(missing.code).toBe(2);
      expect(missing.stderr).toContain('No model at http://127.0.0.1');
    } finally {
      server.close();
    }
  });

  it.each([
    ['--explain', ['--explain', '--workers', '2'], '--explain needs all rows in memory'],
    ['a queue without a folder', ['--queue', 'redis://127.0.0.1:1'], '--queue needs a folder for its parts'],
    ['a folder of other files', ['--out', '.'], 'holds other files'],
  ])('`score` in parts refuses %s', async (_, options, message) => {
    const { code, stderr } = await impflow('score', at('quakes'), at('quakes.csv'), ...options);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('`score` in parts names the row of an invalid cell, and writes no manifest', async () => {
    const lines = readFileSync(at('quakes.csv'), 'utf8').trimEnd().split('\n');
    lines[9000] = 'far away,3';
    writeFileSync(at('broken.csv'), `${lines.join('\n')}\n`);
    const { code, stderr } = await impflow(
      'score',
      at('quakes'),
      at('broken.csv'),
      '--out',
      at('broken'),
      '--part-bytes',
      '80kb',
    );
    expect(code).toBe(2);
    expect(stderr).toContain('line 9001');
    expect(existsSync(at('broken', 'manifest.json'))).toBe(false);
  });
});
