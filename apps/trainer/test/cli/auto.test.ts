import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { key, normals } from '@impflow/core';
import { tabularPreset, toyPreset } from '@impflow/flows';
import { beforeAll, describe, expect, it } from 'vitest';
import { backends } from '../../src/adapters/backends.ts';
import { storeFastest, fastestKnown } from '../../src/backends/fastest-known.ts';
import { workersFor } from '../../src/backends/workers.ts';
import { compiled, csv, impflow, json, pause, start, temporary, until } from './harness.ts';

const folder = temporary();
const at = (name: string): string => join(folder, name);
const file = at('cache/impflow/backends.json');
const TINY = ['--data', at('rows.csv'), '--hidden', '8', '--blocks', '1', '--batch', '40', '--steps', '3'];
interface Config {
  readonly options: { readonly steps: number };
  readonly program: { readonly backend: string };
}
const configOf = (run: string): Config => JSON.parse(readFileSync(join(at(run), 'config.json'), 'utf8')) as Config;

/** Runs `body` while the processes that it starts use `cache` as their cache folder. */
const withCache = async <T>(cache: string, body: () => Promise<T>): Promise<T> => {
  const before = process.env['XDG_CACHE_HOME'];
  process.env['XDG_CACHE_HOME'] = cache;
  try {
    return await body();
  } finally {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  }
};

let picked: string;
let remarks: string;

beforeAll(async () => {
  compiled();
  process.env['XDG_CACHE_HOME'] = at('cache');
  const noise = normals(key(5), 400);
  csv(
    at('rows.csv'),
    'a,b',
    Array.from({ length: 200 }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]! ** 2]),
  );
  const run = ['--workers', '2', '--optimizer', 'adamW:weightDecay=0.1', '--out', at('run')];
  const { code, stderr } = await impflow('train', ...TINY, '--backend', 'auto', ...run);
  if (code !== 0) throw new Error(stderr);
  remarks = stderr;
  picked = configOf('run').program.backend;
}, 120_000);

describe('`--backend auto`', () => {
  it('`train --backend auto` prints the time of each backend, or why it was not measured, and the chosen backend', () => {
    expect(remarks).toContain('Backend auto: measuring');
    // The times and the available backends depend on the machine.
    for (const name of backends.names)
      expect(remarks).toMatch(new RegExp(`^ {2}${name} +(\\d[\\d.,]* ms for a step of 40 rows|left out: .)`, 'm'));
    expect(remarks.match(/: chosen$/gm)).toHaveLength(1);
    expect(remarks).toMatch(new RegExp(`^ {2}${picked} .*: chosen$`, 'm'));
    expect(remarks).toMatch(/^ {2}webgl +left out: WebGL 2 is not available/m);
    expect(remarks).toMatch(/^ {2}wasm +\d.* ms for a step of 40 rows, 2 workers/m);
  });

  it('`train --backend auto` stores the chosen backend in the run and in the cache', () => {
    expect(backends.names).toContain(picked);
    const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>);
    expect(entries).toHaveLength(1);
    expect(entries[0]![0]).toContain(`node ${process.versions.node}`);
    expect(entries[0]![1]).toMatchObject({ backend: picked, batch: 40 });
  });

  it('other commands with `--backend auto` use the cached backend', async () => {
    const said = `Backend auto: ${picked}, the fastest for a model of this shape when it was measured on this machine.`;
    const outcomes = await Promise.all([
      impflow('evaluate', at('run'), '--backend', 'auto', '--json'),
      impflow('score', at('run'), at('rows.csv'), '--backend', 'auto', '--json'),
      impflow('sample', at('run'), '-n', '3', '--backend', 'auto', '--json'),
      impflow('plot', at('run'), '--backend', 'auto', '--json'),
    ]);
    for (const outcome of outcomes) {
      json(outcome);
      expect(outcome.stderr).toContain(said);
    }
  });

  it('`--backend auto` uses the default backend if no backend is cached or the cached backend does not start', async () => {
    mkdirSync(at('other/impflow'), { recursive: true });
    writeFileSync(at('other/impflow/backends.json'), 'no JSON');
    const broken = await withCache(at('other'), () => impflow('evaluate', at('run'), '--backend', 'auto', '--json'));
    json(broken);
    expect(broken.stderr).toContain(
      'Backend auto: wasm, the default. No measurement of a model of this shape is stored on this machine',
    );
    const [name] = Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object);
    writeFileSync(
      at('other/impflow/backends.json'),
      JSON.stringify({ [name!]: { backend: 'webgl', ms: 1, batch: 40 } }),
    );
    const gone = await withCache(at('other'), () => impflow('evaluate', at('run'), '--backend', 'auto', '--json'));
    json(gone);
    expect(gone.stderr).toContain(
      'Backend auto: wasm, the default, because webgl no longer starts: [trainer/backends] WebGL 2 is not available',
    );
  });

  it('`train --backend auto` can be interrupted while it measures the backends', async () => {
    const running = start('train', ...TINY, '--backend', 'auto', '--out', at('interrupted'));
    await until(() => running.said().includes('measuring'));
    await pause(500);
    running.kill('SIGINT');
    const { code, stderr } = await running.exited;
    expect([code, stderr.trimEnd().split('\n').slice(-2)]).toEqual([
      130,
      [
        'Backend auto: measuring a few steps on each backend that runs here.',
        '[cli] Interrupted while measuring backends. No file was written.',
      ],
    ]);
    expect(existsSync(at('interrupted'))).toBe(false);
  });

  it('`--backend auto` measures the backends again for a resumed run, even if the cache cannot be written', async () => {
    const { code, stderr } = await withCache('/proc/impflow', () =>
      impflow('train', '--resume', '--out', at('run'), '--steps', '4', '--backend', 'auto'),
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Backend auto: measuring');
    expect(configOf('run').options.steps).toBe(4);
    expect(backends.names).toContain(configOf('run').program.backend);
  }, 120_000);
});

it('the error for an unavailable backend states why it is unavailable', async () => {
  const { code, stderr } = await impflow('train', ...TINY, '--backend', 'webgl', '--out', at('none'));
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^\[trainer\/backends\] WebGL 2 is not available: .* got Node, which has none\..*\n$/),
  ]);
});

describe('the cache of the fastest backends', () => {
  it('two models share a cached backend if they differ only in constants that were computed from their data', () =>
    withCache(at('unit'), async () => {
      const model = (mean: number) => tabularPreset({ dim: 2, scaling: { mean: [mean, 0], scale: [1, 1] } });
      expect(await fastestKnown(model(1))).toBeUndefined();
      await storeFastest(model(1), { backend: 'cpu', ms: 1, batch: 2 });
      await storeFastest(toyPreset(), { backend: 'wasm', ms: 1, batch: 2 });
      expect([
        await fastestKnown(model(2)),
        await fastestKnown(toyPreset()),
        await fastestKnown(toyPreset({ blocks: 5 })),
      ]).toEqual(['cpu', 'wasm', undefined]);
      await storeFastest(model(3), { backend: 'wasm', ms: 1, batch: 2 });
      expect(await fastestKnown(model(1))).toBe('wasm');
      writeFileSync(at('unit/impflow/backends.json'), '{"a": null, "b": 3, "c": {"backend": 4}}');
      expect(await fastestKnown(toyPreset())).toBeUndefined();
      await storeFastest(toyPreset(), { backend: 'of another time', ms: 1, batch: 2 });
      expect(await fastestKnown(toyPreset())).toBeUndefined();
    }));
});

describe('workers', () => {
  it('a backend that itself uses several threads or a GPU gets one worker', () => {
    const threads = { threads: 4, device: 'cpu' } as const;
    expect([
      workersFor(7, { batch: 500, dim: 2 }, threads),
      workersFor('auto', { batch: 500, dim: 2 }, threads),
      workersFor(2, { batch: 500, dim: 2 }, { threads: 1, device: 'gpu' }),
    ]).toEqual([1, 1, 1]);
    expect(workersFor(7, { batch: 500, dim: 2 }, { threads: 1, device: 'cpu' })).toBe(7);
    expect(() => workersFor(201, { batch: 200, dim: 2 }, threads)).toThrow('at most 200');
  });
});
