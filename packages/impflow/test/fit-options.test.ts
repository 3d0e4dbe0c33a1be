import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { key, normals } from '@impflow/core';
import { toy } from '@impflow/tables';
import { fit, load, type FitEvent, type FitOptions, type Report, type Sampler } from 'impflow';
import { describe, expect, it } from 'vitest';
import { cars, penguins } from './penguins.ts';
import { gaussianRows, letters } from './tables.ts';

const quick = { steps: 10, workers: 1, hidden: [8], blocks: 1 } as const;

describe('events', () => {
  it('`fit` sends events for the columns, the remarks, the start and the steps, in this order', async () => {
    const events: FitEvent[] = [];
    const { report } = await fit(penguins, { ...quick, given: ['species'], onEvent: (event) => events.push(event) });
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.slice(0, 6)).toEqual(['columns', 'remark', 'remark', 'remark', 'remark', 'start']);
    expect(kinds.slice(6)).toEqual(Array.from({ length: quick.steps }, () => 'step'));
    const steps = events.filter((event) => event.kind === 'step');
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, i) => i + 1));
    expect(steps.map(({ progress }) => progress)).toEqual(steps.map((_, i) => (i + 1) / quick.steps));
    expect(steps.flatMap(({ step, validation }) => (validation === undefined ? [] : [step]))).toEqual([5, 10]);
    for (const { loss, seconds, steps: expected } of steps)
      expect([Number.isFinite(loss), seconds > 0, expected]).toEqual([true, true, quick.steps]);
    expect(events[0]).toEqual({ kind: 'columns', columns: report.columns });
    expect(report.remarks).toEqual(events.flatMap((event) => (event.kind === 'remark' ? [event.text] : [])));
  });
});

describe('an abort signal', () => {
  it('an abort ends the training after the current step, and `fit` throws the reason of the signal', async () => {
    const reason = new Error('enough');
    const ended = new AbortController();
    let steps = 0;
    const run = fit(gaussianRows(100, 1), {
      ...quick,
      steps: 10_000,
      signal: ended.signal,
      onEvent: ({ kind }) => {
        if (kind === 'step' && ++steps === 3) ended.abort(reason);
      },
    });
    await expect(run).rejects.toBe(reason);
    expect(steps).toBe(3);
  });

  it.each(['before its first byte', 'in its middle'])(
    'an abort ends the transfer of a table from an address %s',
    async (when) => {
      const ended = new AbortController();
      // The server never ends its answer.
      const server = createServer((_request, response) => {
        if (when === 'in its middle') response.write('x,y\n1,2\n');
        setTimeout(() => ended.abort(new Error('enough')), 20);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      try {
        const run = fit(`http://127.0.0.1:${port}/table.csv`, { ...quick, signal: ended.signal });
        await expect(run).rejects.toThrow(/^enough$/);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
    10_000,
  );

  it('`fit` starts no training if the signal is already aborted', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    const events: FitEvent[] = [];
    await expect(
      fit(gaussianRows(100, 1), { ...quick, signal, onEvent: (event) => events.push(event) }),
    ).rejects.toThrow('before');
    expect(events).toEqual([]);
  });

  it('`fit` starts no training if the signal is aborted while the rows are read', async () => {
    const ended = new AbortController();
    let started = false;
    const run = fit(gaussianRows(100, 1), {
      ...quick,
      signal: ended.signal,
      onEvent: ({ kind }) => {
        if (kind === 'columns') ended.abort(new Error('during'));
        started ||= kind === 'step';
      },
    });
    await expect(run).rejects.toThrow('during');
    expect(started).toBe(false);
  });
});

it('a density of monotone blocks has conditions and categories, and can be scored and sampled', async () => {
  const rows = penguins.filter(({ beak, sex }) => beak !== null && sex !== null);
  const model = await fit(rows, { ...quick, model: 'monotone', given: ['species', 'mass'] });
  expect(model.report.model).toBe('monotone');
  expect(model.report.won).toMatch(/^monotone flow|; the flow did not improve it$/);
  expect(model.report.context).toBeGreaterThan(0);
  expect(model.score(rows.slice(0, 5)).every(({ logDensity }) => Number.isFinite(logDensity))).toBe(true);
  const drawn = model.sample(4, { seed: 1, given: { species: 'Adelie', mass: 3700 } });
  expect(drawn.every(({ species, flipper }) => species === 'Adelie' && Number.isFinite(flipper))).toBe(true);
});

describe('a fit with a time limit', () => {
  it('with `model` auto, a fit that is too short to compare kinds of blocks takes implicit blocks, and says so', async () => {
    const { report } = await fit(gaussianRows(300, 2), {
      model: 'auto',
      seconds: 2,
      workers: 1,
      hidden: [8],
      blocks: 1,
      scaling: 'standard',
      base: 'normal',
    });
    expect([report.model, report.won]).toEqual(['implicit', 'implicit flow']);
    expect(
      report.remarks.filter((text) => text.startsWith('The option model auto takes implicit blocks')),
    ).toHaveLength(1);
  }, 30_000);

  const timed = async (rows: readonly object[], seconds: number) => {
    const events: FitEvent[] = [];
    const { report } = await fit(rows as readonly Record<string, number>[], {
      seconds,
      workers: 1,
      hidden: [16],
      blocks: 2,
      onEvent: (event) => events.push(event),
    });
    return { report, choices: events.filter((event) => event.kind === 'choice') };
  };
  const rows = gaussianRows(300, 2);

  it('a fit with a time limit takes about this time, and its report contains the chosen scaling and base', async () => {
    const { report, choices } = await timed(rows, 6);
    // The training may stop early, if the validation loss has no new minimum for nearly a third of the time. Other
    // programs may slow the evaluation.
    expect(report.time.total).toBeGreaterThan(1.8);
    expect(report.time.total).toBeLessThan(20);
    expect(choices.map(({ of, candidate }) => `${of} ${candidate}`)).toEqual([
      'scaling standardized columns',
      'scaling whitened columns',
      'scaling columns by quantiles',
      'base fitted',
    ]);
    expect(choices[0]!.taken).toBe(true);
    const last = choices.filter(({ of, taken }) => of === 'scaling' && taken).at(-1)!;
    const names = { standard: 'standardized columns', whitened: 'whitened columns', quantiles: 'columns by quantiles' };
    expect(names[report.scaling as keyof typeof names]).toBe(last.candidate);
    for (const { text } of choices) expect(report.remarks).toContain(text);
    expect(report.base).toBe(choices.at(-1)!.taken ? 'fitted' : 'normal');
    expect(report.won).toMatch(report.bestStep === 0 ? /; the flow did not improve it$/ : /^implicit flow/);
  }, 30_000);

  it('a fit with a time limit chooses quantile scaling for many heavy-tailed rows, without trying maps', async () => {
    const heavy = gaussianRows(1400, 3).map(({ x, y }) => ({ x: Math.sinh(2 * x), y: Math.sinh(2 * y) }));
    const { report, choices } = await timed(heavy, 2);
    expect(choices.filter(({ of }) => of === 'scaling').map(({ candidate }) => candidate)).toEqual([
      'standardized columns',
      'columns by quantiles',
    ]);
    expect(report.scaling).toBe('quantiles');
    expect(report.columns.map(({ how }) => how)).toEqual(['as it is', 'as it is']);
  }, 30_000);

  it('a fit with a time limit chooses the scaling for a table with a text column', async () => {
    const kinds = letters(rows.length, 2);
    const { report, choices } = await timed(
      rows.map((row, i) => ({ ...row, kind: kinds[i]! })),
      2,
    );
    expect(choices.map(({ of, candidate }) => `${of} ${candidate}`)).toEqual([
      'scaling standardized columns',
      'scaling columns by quantiles',
    ]);
    expect(report.base).toBe('fitted');
  }, 30_000);
});

/** Returns the paths of all values in a report, such as `.heldOut.nats`. Each number in a list has its own path. */
const figuresIn = (value: unknown, at = ''): readonly string[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : Object.entries(value).flatMap(([name, inner]) => figuresIn(inner, `${at}.${name}`));

it('if a text column is added to a numeric table, the report keeps all its fields', async () => {
  const kinds = letters(cars.length, 3);
  const numbers = (await fit(cars, quick)).report;
  const texts = (
    await fit(
      cars.map((row, i) => ({ ...row, kind: kinds[i]! })),
      quick,
    )
  ).report;
  const own = ({ remarks: _remarks, ...report }: Report): readonly string[] => figuresIn(report);
  expect(own(texts)).toEqual(expect.arrayContaining([...own(numbers)]));
  expect(texts.calibration.map(({ column }) => column)).toEqual(numbers.calibration.map(({ column }) => column));
  for (const { rivals } of [texts, numbers]) expect(rivals[0]!.name).toMatch(/Gaussian$/);
  expect(texts.roundTrip).toBeLessThan(1e-3);
});

it('a row counts in training and evaluation in proportion to its weight', async () => {
  // There are two groups of rows, at 0 and at 4. Rows at 4 have nine times the weight of rows at 0.
  const noise = normals(key(4), 400);
  const rows = Array.from(noise, (value, i) => ({ x: value + (i % 2) * 4, w: i % 2 === 0 ? 1 : 9 }));
  const options = { ...quick, steps: 60, lr: 0.02, blocks: 2 };
  const weighted = await fit(rows, { ...options, weights: 'w' });
  const plain = await fit(rows, { ...options, leaveOut: ['w'] });
  const mean = (model: typeof plain): number => model.sample(2000).reduce((sum, { x }) => sum + x, 0) / 2000;
  expect(weighted.report.columns.map(({ is }) => is)).toEqual(['number', 'weights']);
  expect(Object.keys(weighted.sample(1)[0]!)).toEqual(['x']);
  // The mean of the rows is 2, and their weighted mean is 3.6.
  expect(mean(plain)).toBeLessThan(2.4);
  expect(mean(weighted)).toBeGreaterThan(3.1);
  const densities = weighted.score(rows).map(({ logDensity }) => logDensity);
  const sum = rows.reduce((total, { w }, i) => total - w * densities[i]!, 0);
  expect((await weighted.evaluate(rows)).heldOut.nats).toBeCloseTo(
    sum / rows.reduce((total, { w }) => total + w, 0),
    4,
  );
  expect((await weighted.evaluate(rows.map(({ x }) => ({ x, w: 1 })))).heldOut.nats).toBeCloseTo(
    -densities.reduce((total, value) => total + value, 0) / rows.length,
    4,
  );
});

it('a row of weight 0 changes neither the training nor the results', async () => {
  const counted = gaussianRows(200, 11).map((row) => ({ ...row, w: 1 }));
  const far = gaussianRows(200, 12).map(({ x, y, z }) => ({ x: 50 + x, y: y - 50, z, w: 0 }));
  const rows = counted.flatMap((row, i) => [row, far[i]!]);
  const test = [...gaussianRows(60, 13).map((row) => ({ ...row, w: 1 })), ...far];
  const fitted = (table: typeof rows, held: typeof rows) => fit(table, { ...quick, weights: 'w', test: held });
  const [mixed, clean] = [await fitted(rows, test), await fitted(counted, test.slice(0, 60))];
  expect(mixed.report.heldOut).toEqual(clean.report.heldOut);
  expect(mixed.report.calibration).toEqual(clean.report.calibration);
  expect(mixed.score(counted)).toEqual(clean.score(counted));
  expect((await mixed.evaluate(test)).calibration).toEqual((await clean.evaluate(test.slice(0, 60))).calibration);
});

describe('rows with gaps', () => {
  const rows = gaussianRows(300, 5).map((row, i) => (i % 3 === 0 ? { ...row, y: null } : row));
  const fitted = (options: FitOptions) => fit(rows, { ...quick, ...options });

  it('`fit` refuses a table in which many rows have gaps if the option `missing` is not set', async () => {
    await expect(fitted({})).rejects.toThrow(
      /Many rows in the rows have gaps: expected the option missing.*Set the option missing to drop, median or impute/,
    );
  });

  it.each([
    ['drop', 'left out of the training'],
    ['median', 'filled by the median of the column'],
    ['impute', 'filled by draws given the other cells'],
  ] as const)('the report mentions rows with gaps if the option `missing` is %s', async (missing, said) => {
    const { report } = await fitted({ missing });
    expect(report.remarks.join(' ')).toContain(said);
    expect(report.gaps.train).toBeGreaterThan(60);
    expect(report.heldOut.rows).toBe(30 - report.gaps.test);
  });
});

it('categories of samples and reasons are numbers if all given cells were numbers, and otherwise text', async () => {
  const rows = gaussianRows(200, 15).map(({ x, y }, i) => ({
    cylinders: [4, 6, 8][i % 3]!,
    code: [7n, 9n][i % 2]!,
    zip: i % 2 === 0 ? '02134' : 90_210,
    x,
    y,
  }));
  const options = { ...quick, categorical: ['cylinders', 'code', 'zip'] };
  const csv = new Blob([`cylinders,code,zip,x,y\n${rows.map((row) => Object.values(row).join()).join('\n')}\n`]);
  for (const [table, code] of [
    [rows, 7n],
    [csv, 7],
  ] as const) {
    const fitted = await fit(table as typeof rows, options);
    const model = await load(fitted.toBytes());
    const drawn = model.sample(40);
    const kinds = (name: string) => new Set(drawn.map((row) => row[name]));
    expect(kinds('cylinders')).toEqual(new Set([4, 6, 8]));
    expect(kinds('zip')).toEqual(new Set(['02134', '90210']));
    expect([...kinds('code')]).toContain(code);
    const [first] = model.impute([{ ...rows[0]!, cylinders: null }])[0]!;
    expect([4, 6, 8]).toContain(first!['cylinders']);
    expect(model.explain(rows[0]!).find(({ column }) => column === 'zip')).toMatchObject({ value: '02134' });
  }
});

it('`impute` returns known cells as they were given: periodic dates in any format, and prices as text', async () => {
  const rows = gaussianRows(200, 14).map(({ x, y }, i) => ({
    seen: `${1 + (i % 28)} Mar ${2000 + (i % 20)}`,
    price: `$${(1000 + 100 * x).toFixed(2)}`,
    y,
  }));
  const model = await fit(rows, { ...quick, periodic: ['seen:365.2425'] });
  const { seen, price } = rows[30]!;
  const [[first], [second]] = model.impute([
    { seen, price },
    { price, y: 0 },
  ]) as [(typeof rows)[number][], (typeof rows)[number][]];
  expect(first).toEqual({ seen, price, y: expect.any(Number) as number });
  expect(second).toEqual({ seen: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string, price, y: 0 });
});

describe('separate validation and test rows', () => {
  it('`fit` uses the given validation and test rows instead of rows of the table', async () => {
    const test = gaussianRows(70, 7);
    const model = await fit(gaussianRows(200, 6), { ...quick, validation: gaussianRows(50, 8), test });
    expect(model.report.heldOut.rows).toBe(70);
    // The mean would differ if any row of the table were included.
    const densities = model.score(test).map(({ logDensity }) => logDensity);
    expect(model.report.heldOut.nats).toBeCloseTo(-densities.reduce((sum, value) => sum + value, 0) / 70, 5);
    expect((await model.evaluate()).heldOut).toEqual(model.report.heldOut);
  });

  it('a column of positive training values has no bound at 0 if a validation row is below 0, and a test row of density 0 is named', async () => {
    const positive = (count: number, seed: number) =>
      gaussianRows(count, seed).map(({ x, y }) => ({ x: Math.exp(x), y }));
    const below = (rows: ReturnType<typeof positive>) => rows.map((row, i) => (i === 3 ? { ...row, x: -0.5 } : row));
    const [rows, validation, test] = [positive(200, 6), positive(50, 8), positive(40, 7)];
    const options = { ...quick, base: 'fitted', validation, test };
    const free = await fit(rows, { ...options, validation: below(validation) });
    expect(free.report.heldOut.nats).toBeLessThan(Infinity);
    expect(free.score([{ x: -0.5, y: 0 }])[0]!.logDensity).toBeGreaterThan(-Infinity);
    const bounded = await fit(rows, { ...options, test: below(test) });
    expect(bounded.report.heldOut).toMatchObject({ nats: Infinity, standardError: NaN });
    expect((await load(bounded.toBytes())).report).toEqual(bounded.report);
    expect(bounded.report.remarks.join(' ')).toContain(
      'The cell -0.5000 of "x" in row 4 of the rows is not above 0, as all training and validation rows are: the density of this test row is 0.',
    );
    await expect(fit(rows, { ...options, transform: ['log:x'], validation: below(validation) })).rejects.toThrow(
      'The transformation of "x" does not fit its values: expected values above 0, got -0.5',
    );
  });

  it('`fit` refuses test rows that lack a column of the training rows', async () => {
    const test = gaussianRows(70, 7).map(({ x, y }) => ({ x, y })) as unknown as ReturnType<typeof gaussianRows>;
    await expect(fit(gaussianRows(200, 6), { ...quick, test })).rejects.toThrow(/column.*"z"/);
  });
});

describe('a sampler', () => {
  it('`fit` learns a Gaussian sampler: the held-out loss is within 0.1 nats of the entropy', async () => {
    const entropy = Math.log(2 * Math.PI * Math.E);
    const gaussian: Sampler = {
      columns: ['a', 'b'],
      source: 'a Gaussian',
      sample: (of, rows) => Float32Array.from(normals(of, 2 * rows)),
      entropy,
    };
    const model = await fit(gaussian, { ...quick, preset: 'toy', batch: 200 });
    const { report } = model;
    expect(report).toMatchObject({ entropy, source: 'a Gaussian', scaling: 'none', dim: 2 });
    expect(report.heldOut.rows).toBe(10_000);
    expect(report.heldOut.nats).toBeGreaterThan(entropy - 4 * report.heldOut.standardError);
    expect(report.heldOut.nats).toBeLessThan(entropy + 0.1);
    expect(Object.keys(model.sample(1)[0]!)).toEqual(['a', 'b']);
    expect(model.score([{ a: 0, b: 0 }])[0]!.logDensity).toBeCloseTo(-Math.log(2 * Math.PI), 0);
  });

  it('an array with a method `sample` counts as a table and not as a sampler', async () => {
    const rows = Object.assign(gaussianRows(60, 1), { sample: () => [] });
    expect((await fit(rows, quick)).report.source).toBe('the rows');
  });

  it('the report of a toy density contains comparison densities and calibration, like the report of a table', async () => {
    const { report } = await fit({ ...toy('checkerboard'), columns: ['x', 'y'], source: 'checkerboard' }, quick);
    expect(report.entropy).toBe(Math.log(32));
    expect(report.heldOut.nats).toBeGreaterThan(Math.log(32));
    expect([report.rivals.length, report.calibration.length]).toEqual([2, 2]);
  });
});
