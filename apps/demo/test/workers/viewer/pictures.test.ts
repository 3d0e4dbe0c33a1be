import { key, normals, type SolveReport } from '@impflow/core';
import { buildFlow, builtInRegistries, capsOf, type NormalizingFlow } from '@impflow/flows';
import { auditNorms } from '@impflow/lipschitz';
import { memory, tensor2d } from '@tensorflow/tfjs-core';
import { openDensity, readModel, trainedDensity } from 'impflow/run';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Region } from '../../../src/protocol/data.ts';
import type { Quantity, ViewerWorker } from '../../../src/protocol/viewer.ts';
import { viewer } from '../../../src/workers/viewer/viewer.ts';
import { apart, checkpointOf, disposed, numbers, planar, stirred, stirredCheckpoint } from './models.ts';

const WIDE: Region = [
  [-12, 12],
  [-8, 8],
];
const NEAR: Region = [
  [-3, 3],
  [-3, 2],
];
const worker: ViewerWorker = viewer();
beforeAll(() => worker.open([]));

/** Loads a model into the viewer, and returns its flow, with which the test computes expected numbers. */
const showing = async (spec = planar(), seed = 1, size = 1): Promise<NormalizingFlow> => {
  const flow = stirred(spec, seed, size);
  await worker.load(0, await checkpointOf(flow, spec));
  return flow;
};

/** Returns the center `[x, y]` of the pixel in a column and a row, computed independently of the viewer. */
const centre = (
  [[left, right], [bottom, top]]: Region,
  side: number,
  column: number,
  row: number,
): readonly [number, number] => [
  left + ((right - left) * (2 * column + 1)) / (2 * side),
  top + ((bottom - top) * (2 * row + 1)) / (2 * side),
];

describe('maps of quantities over the plane', () => {
  it.each(['implicit', 'residual', 'monotone', 'coupling'] as const)(
    '%s model: the density map integrates to one, and its pixels agree with the flow',
    async (model) => {
      const flow = await showing(planar({ model }), 3);
      const side = 160;
      const { values, pixels, low, high, step } = await worker.map(0, { quantity: 'density', region: WIDE, side });
      const cell = ((WIDE[0][1] - WIDE[0][0]) * (WIDE[1][1] - WIDE[1][0])) / side ** 2;
      expect(values.reduce((sum, p) => sum + p, 0) * cell).toBeCloseTo(1, 2);
      expect([low, step, pixels.length]).toEqual([0, 7, 4 * side * side]);
      expect(high).toBeGreaterThan(0);
      expect(high).toBeLessThanOrEqual(values.reduce((a, b) => Math.max(a, b), 0));
      for (const [column, row] of [
        [80, 70],
        [0, 0],
        [159, 0],
        [60, 100],
      ] as const) {
        const expected = Math.exp(numbers(centre(WIDE, side, column, row), (x) => flow.logProb(x))[0]!);
        expect(values[row * side + column]).toBeCloseTo(expected, 6);
      }
      disposed(flow);
    },
  );

  it('a spike of the density does not turn the rest of the map black', async () => {
    // Half of the probability mass is in a narrow spike of the density, which covers one pixel. The second half of the
    // mass is spread out.
    const spec = planar({
      model: 'coupling',
      scaling: { mean: [0, 0], scale: [1, 1] },
      base: { name: 'mixture', options: { components: 2 } },
    });
    const flow = buildFlow(spec);
    const set = (name: string, values: number[][]): void => {
      const next = tensor2d(values);
      flow.parameters[`base.${name}`]!.assign(next);
      next.dispose();
    };
    set('centre', [
      [0, 0],
      [0, 0],
    ]);
    set('logScale', [
      [-6, -6],
      [0, 0],
    ]);
    await worker.load(0, await checkpointOf(flow, spec));
    const { values, high } = await worker.map(0, {
      quantity: 'density',
      region: [
        [-3, 3],
        [-3, 3],
      ],
      side: 61,
    });
    expect(Math.max(...values)).toBeGreaterThan(1e3);
    expect(high).toBeGreaterThan(0.07);
    expect(high).toBeLessThan(0.1);
    expect(values.filter((p) => p > high).length).toBeLessThanOrEqual(4);
    disposed(flow);
  });

  it('the pixels of a log-determinant map agree with finite differences', async () => {
    const spec = planar({ model: 'implicit' });
    const flow = await showing(spec, 5);
    const side = 12;
    const { values, low, high } = await worker.map(0, { quantity: 'logDet', region: NEAR, side });
    expect(low).toBe(-high);
    const h = 0.01;
    const at = (dx: number, dy: number): Float32Array =>
      numbers(
        Array.from({ length: side * side }, (_, i) => centre(NEAR, side, i % side, Math.floor(i / side))).flatMap(
          ([x, y]) => [x + dx, y + dy],
        ),
        (x) => flow.encode(x),
      );
    const [east, west, north, south] = [at(h, 0), at(-h, 0), at(0, h), at(0, -h)];
    const expected = Array.from({ length: side * side }, (_, i) => {
      const d = (a: Float32Array, b: Float32Array, j: number): number => (a[2 * i + j]! - b[2 * i + j]!) / (2 * h);
      return Math.log(Math.abs(d(east, west, 0) * d(north, south, 1) - d(north, south, 0) * d(east, west, 1)));
    });
    expect(apart(values, expected)).toBeLessThan(0.01);
    disposed(flow);
  });

  it.each([
    ['the solver that the library chooses', planar()],
    ['Anderson', planar({ solver: { name: 'anderson' } })],
    ['fixed points', planar({ solver: { name: 'fixed-point' }, coeff: 0.6 })],
    ['a power series, so no exact Jacobian', planar({ evaluationLogDet: { name: 'series', options: { terms: 30 } } })],
  ])('a pixel has the number of steps of a solve with only this point: %s', async (_name, spec) => {
    const flow = await showing(spec, 2);
    const side = 5;
    const { values, low, high } = await worker.map(0, { quantity: 'steps', region: NEAR, side });
    const alone = Array.from(values, (_, i) => {
      const reports: SolveReport[] = [];
      const x = tensor2d([...centre(NEAR, side, i % side, Math.floor(i / side))], [1, 2]);
      flow.logProb(x, { report: (report) => reports.push(report) }).dispose();
      x.dispose();
      expect(reports.map(({ at, phase }) => `${at} ${phase}`)).toEqual(['blocks.1 forward', 'blocks.2 forward']);
      return reports.reduce((sum, { stats }) => sum + stats.steps, 0);
    });
    // A residual that is close to its tolerance may be above or below it, because the rounding depends on the batch.
    expect(apart(values, alone)).toBeLessThanOrEqual(1);
    expect(alone.filter((steps, i) => steps === values[i]).length).toBeGreaterThan(21);
    expect(new Set(alone).size).toBeGreaterThan(1);
    expect([low, high]).toEqual([0, Math.max(...values)]);
    disposed(flow);
  });

  it('if the solver fails, the map of solver steps includes the steps of the fallback solvers', async () => {
    const spec = { ...planar({ blocks: 1, solver: { name: 'fixed-point' } }), tolerance: { maxSteps: 6 } };
    const flow = await showing(spec, 2);
    const side = 8;
    const { values } = await worker.map(0, { quantity: 'steps', region: NEAR, side });
    const reports: SolveReport[] = [];
    numbers(
      Array.from({ length: side * side }, (_, i) => centre(NEAR, side, i % side, Math.floor(i / side))).flat(),
      (x) => flow.logProb(x, { report: (report) => reports.push(report) }),
    );
    expect(reports).toHaveLength(1);
    expect(reports[0]!.stats.path).toEqual(['fixed-point', 'anderson']);
    expect(Math.max(...values)).toBe(reports[0]!.stats.steps);
    disposed(flow);
  });

  it.each(['residual', 'coupling'] as const)('%s model: the map of solver steps is 0 everywhere', async (model) => {
    disposed(await showing(planar({ model })));
    const { values, low, high } = await worker.map(0, { quantity: 'steps', region: NEAR, side: 4 });
    expect([...values, low, high]).toEqual([...Array<number>(16).fill(0), 0, 1]);
    expect(await worker.solves(0).catch(({ message }: Error) => message)).toContain('no held-out rows');
  });

  it.each([
    [{ side: 0 }, 'Wrong side: expected an integer from 1 to 2048, got 0'],
    [{ side: 2.5 }, 'Wrong side'],
    [
      {
        region: [
          [0, 0],
          [0, 1],
        ] as Region,
      },
      'Wrong region: expected two intervals',
    ],
    [
      {
        region: [
          [0, 1],
          [0, Number.NaN],
        ] as Region,
      },
      'Wrong region',
    ],
  ])('the viewer refuses to draw a map with %j', async (wrong, message) => {
    await expect(worker.map(0, { quantity: 'density' as Quantity, region: NEAR, side: 8, ...wrong })).rejects.toThrow(
      message,
    );
  });
});

describe('warped grids and paths of points', () => {
  it('the first block maps the grid to the standardized grid, and the last stage agrees with the flow', async () => {
    const flow = await showing(planar({ model: 'implicit' }), 4);
    const { stages, labels, pointsPerLine } = await worker.warp(0, NEAR, 3, 5, 0);
    expect(labels).toEqual(['data', 'standardize', 'implicit block 1', 'base']);
    expect(stages.map(({ length }) => length)).toEqual([60, 60, 60, 60]);
    expect(pointsPerLine).toBe(5);
    const [grid, scaled] = stages as [Float32Array, Float32Array];
    // The first horizontal line is the lower edge, and the first vertical line is the left edge.
    const line = (i: number): number[][] =>
      Array.from({ length: 5 }, (_, j) => Array.from(grid.subarray(10 * i + 2 * j, 10 * i + 2 * j + 2)));
    expect(line(0)).toEqual([
      [-3, -3],
      [-1.5, -3],
      [0, -3],
      [1.5, -3],
      [3, -3],
    ]);
    expect(line(3)).toEqual([
      [-3, -3],
      [-3, -1.75],
      [-3, -0.5],
      [-3, 0.75],
      [-3, 2],
    ]);
    expect(
      apart(
        scaled,
        grid.map((x, i) => (i % 2 === 0 ? (x - 0.5) / 1.5 : (x + 1) / 0.8)),
      ),
    ).toBeLessThan(1e-5);
    expect(
      apart(
        stages.at(-1)!,
        numbers(grid, (x) => flow.encode(x)),
      ),
    ).toBeLessThan(1e-5);
    expect(
      apart(
        grid,
        numbers(stages.at(-1)!, (z) => flow.decode(z)),
      ),
    ).toBeLessThan(1e-4);
    disposed(flow);
  });

  it.each([
    [
      planar({ model: 'residual', blocks: 1, actNorm: true }),
      ['data', 'standardize', 'residual block 1', 'residual block 2', 'base'],
    ],
    [
      planar({ model: 'coupling', blocks: 2 }),
      ['data', 'standardize', 'coupling block 1', 'permutation 1', 'coupling block 2', 'base'],
    ],
  ])('the stages of a warp have names, for the spec %j', async (spec, labels) => {
    await worker.load(1, await stirredCheckpoint(spec));
    expect((await worker.warp(1, NEAR, 2, 2, 0)).labels).toEqual(labels);
    expect((await worker.path(1, [0, 0])).labels).toEqual(labels);
  });

  it.each(['implicit', 'residual', 'monotone', 'coupling'] as const)(
    '%s model: the path of a point through all blocks and back ends at the point',
    async (model) => {
      const flow = await showing(planar({ model }), 6);
      for (const point of [
        [0.4, -0.7],
        [3, 1],
        [-20, 35],
      ] as const) {
        const { forward, back, error, logProb, labels } = await worker.path(0, point);
        expect(forward.length).toBe(2 * labels.length);
        expect(back.length).toBe(forward.length);
        expect(apart(forward.slice(0, 2), point)).toBeLessThan(1e-5);
        expect(
          apart(
            forward.slice(-2),
            numbers(point, (x) => flow.encode(x)),
          ),
        ).toBeLessThan(1e-4);
        expect(Array.from(back.slice(0, 2))).toEqual(Array.from(forward.slice(-2)));
        // The way back passes the same positions as the way forward, in reverse order.
        for (let stage = 0; stage < labels.length; stage++) {
          const mirrored = labels.length - 1 - stage;
          expect(
            apart(back.slice(2 * stage, 2 * stage + 2), forward.slice(2 * mirrored, 2 * mirrored + 2)),
          ).toBeLessThan(1e-4);
        }
        expect(error).toBeCloseTo(Math.hypot(back.at(-2)! - forward[0]!, back.at(-1)! - forward[1]!), 6);
        expect(error).toBeLessThan(1e-4);
        expect(logProb).toBeCloseTo(numbers(point, (x) => flow.logProb(x))[0]!, 4);
      }
      disposed(flow);
    },
  );

  it('the viewer refuses to compute the path of a value that is not a point', async () => {
    await expect(worker.path(0, [0, Number.NaN])).rejects.toThrow(
      'Wrong point: expected two finite numbers, got [0,null]',
    );
  });
});

describe('norms of layers', () => {
  it.each([
    ['implicit', 24],
    ['residual', 24],
  ] as const)('%s model: norms of layers agree with `auditNorms` and are at most their caps', async (model, layers) => {
    const spec = planar({ model, blocks: 4, coeff: 0.9 });
    const flow = await showing(spec, 1, 4);
    const norms = await worker.norms(0);
    expect(norms).toHaveLength(layers);
    const audit = auditNorms(flow, { coeff: capsOf(spec) });
    expect(norms.map(({ path, cap }) => [path, cap])).toEqual(audit.map(({ path, cap }) => [path, cap]));
    for (const [i, { norm, cap }] of norms.entries()) {
      expect(norm / audit[i]!.norm).toBeCloseTo(1, 6);
      expect(norm).toBeLessThanOrEqual(cap * (1 + 1e-3));
    }
    expect(norms.filter(({ norm }) => norm > 0.899).length).toBeGreaterThan(layers / 2);
    expect(norms[0]!.path).toBe(model === 'implicit' ? 'blocks.1.gx.layers.0' : 'blocks.1.g.layers.0');
    disposed(flow);
  });

  it('the norm of a layer with zero weights is zero, and layers of coupling blocks have no norms', async () => {
    const spec = planar();
    const fresh = buildFlow(spec, { key: key(0) });
    await worker.load(0, await checkpointOf(fresh, spec));
    expect((await worker.norms(0)).filter(({ norm }) => norm === 0).length).toBeGreaterThan(0);
    disposed(fresh);
    await worker.load(0, await stirredCheckpoint(planar({ model: 'coupling' })));
    expect(await worker.norms(0)).toEqual([]);
  });
});

describe('samples of a model', () => {
  it('samples equal the samples of impflow, even if they are drawn in pieces, and do not change between calls', async () => {
    const flow = await showing(planar(), 8);
    const samples = await worker.samples(0, 2500, 3);
    const { checkpoint, source } = await readModel(await checkpointOf(flow, planar()));
    const open = openDensity(checkpoint, builtInRegistries, source);
    const { columns } = trainedDensity(open).sample(2500, { key: key(3) });
    const expected = samples.map((_, i) => columns[i % 2]!.numbers[i >> 1]!);
    expect(apart(samples, expected)).toBeLessThan(1e-4);
    expect(await worker.samples(0, 2500, 3)).toEqual(samples);
    disposed(open.density.flow);
    expect(apart(await worker.samples(0, 2500, 4), samples)).toBeGreaterThan(1);
    disposed(flow);
  });

  it('samples as CSV have the column names; in columns with repeated values, samples lie on the grid of the data', async () => {
    const spec = planar();
    const flow = stirred(spec);
    await worker.load(
      0,
      await checkpointOf(flow, spec, {
        extra: { data: { data: 'a.csv' }, columns: ['depth', 'size, m'], dequantized: { depth: 0.25 } },
      }),
    );
    const samples = await worker.samples(0, 20, 1);
    const lines = (await worker.samplesAsCsv(0, 20, 1)).trimEnd().split('\n');
    expect(lines[0]).toBe('depth,"size, m"');
    expect(lines.slice(1).map((line) => line.split(',').map(Number))).toEqual(
      Array.from({ length: 20 }, (_, i) => [
        Math.floor(4 * samples[2 * i]!) / 4,
        expect.closeTo(samples[2 * i + 1]!, 4) as number,
      ]),
    );
    disposed(flow);
  });
});

it('pictures, samples and scores leak no tensors', async () => {
  disposed(await showing());
  const look = async (): Promise<void> => {
    for (const quantity of ['density', 'logDet', 'steps'] as const)
      await worker.map(0, { quantity, region: NEAR, side: 24 });
    await worker.warp(0, NEAR, 4, 9, 20);
    await worker.path(0, [0.1, 0.2]);
    await worker.samples(0, 100, 0);
    await worker.norms(0);
    await worker.logProb(0, Float32Array.from(normals(key(1), 200)));
  };
  await look();
  const { numTensors, numDataBuffers, numBytes } = memory();
  for (let i = 0; i < 5; i++) await look();
  expect(memory()).toMatchObject({ numTensors, numDataBuffers, numBytes });
});
