import { expect, test } from 'vitest';
import { captionOf, mapInWords, pathInWords, placeInWords, stageName, warpInWords } from '../../src/views/describe.ts';
import { blocksOf, normsInWords } from '../../src/views/norm-groups.ts';

const map = (quantity: 'density' | 'logDet' | 'steps', values: readonly number[]) =>
  ({
    quantity,
    values: Float32Array.from(values),
    side: 2,
    region: [
      [0, 1],
      [0, 1],
    ],
    pixels: new Uint8ClampedArray(16),
    low: 0,
    high: 1,
    step: 1420,
  }) as const;

test('the description of a map ignores non-finite values', () => {
  expect(mapInWords(map('density', [0, 0.314, NaN, 0.1]), 'moons')).toBe(
    'Density of moons after 1,420 steps, largest 0.31',
  );
  expect(mapInWords(map('steps', [4, 17, 6, 5]), 'moons')).toBe(
    'Solver steps of moons after 1,420 steps, from 4 to 17',
  );
  expect(mapInWords(map('logDet', [-1.25, 3, 0, 0]), 'moons')).toBe(
    'Log |det J| of moons after 1,420 steps, from −1.25 to 3.00 nats',
  );
  expect(mapInWords(map('density', [NaN, NaN, NaN, NaN]), 'moons')).toBe(
    'Density of moons after 1,420 steps, nothing finite',
  );
});

test('the description of a warped grid contains the number of lines, the training step and the stage', () => {
  const labels = ['data', 'implicit block 1', 'base'];
  expect(labels.map((_, stage) => stageName(labels, stage))).toEqual(['data', 'after implicit block 1', 'base']);
  expect(
    warpInWords(
      {
        labels,
        stages: [new Float32Array(40), new Float32Array(40), new Float32Array(40)],
        pointsPerLine: 5,
        dots: [],
        samples: [],
        step: 3,
      },
      1,
      'moons',
    ),
  ).toBe('Grid of 4 lines over moons after 3 steps, after implicit block 1, stage 2 of 3');
});

test('the description of a point under the pointer contains the value of the map', () => {
  expect(placeInWords([0.5, -1], ['longitude', 'latitude'])).toBe('longitude 0.500, latitude −1.00');
  expect(placeInWords([0.5, -1], ['x', 'y'], { quantity: 'steps', number: 12 })).toBe(
    'x 0.500, y −1.00: 12 solver steps',
  );
  expect(placeInWords([0.5, -1], ['x', 'y'], { quantity: 'logDet', number: -0.5 })).toBe(
    'x 0.500, y −1.00: log |det J| −0.50 nats',
  );
  expect(placeInWords([0.5, -1], ['x', 'y'], { quantity: 'density', number: undefined })).toBe('x 0.500, y −1.00');
});

test('the description of a point’s path contains the round-trip error', () => {
  const path = {
    point: [0.5, -0.2] as const,
    forward: Float32Array.of(0.5, -0.2, 1, 0.25),
    back: Float32Array.of(1, 0.25, 0.5, -0.2),
    logProb: -2.3104,
    labels: ['data', 'base'],
  };
  expect(pathInWords({ ...path, error: 3.1e-7 })).toBe(
    'The point (0.500, −0.200) goes through the blocks to (1.00, 0.250) in the base, and back. ' +
      'log p = −2.310 nats. ' +
      'It comes back to 3.1·10⁻⁷ from where it began, as near as 32-bit numbers allow.',
  );
  expect(pathInWords({ ...path, error: 0 })).toMatch(/exactly to where it began\.$/);
  expect(pathInWords({ ...path, error: 0.4 })).toMatch(/which is far: the inverse did not converge\.$/);
  expect(pathInWords({ ...path, error: NaN })).toMatch(/did not converge/);
});

test('the caption of a picture states if the model needs no solver', () => {
  expect(captionOf('steps', 'residual')).toMatch(/solves no equation from data to base/);
  expect(captionOf('steps', 'coupling')).toMatch(/solves no equation in either direction/);
  for (const kind of ['implicit', 'monotone'] as const)
    expect(captionOf('steps', kind)).toMatch(/^Number of solver steps/);
});

test('norms are grouped by block and net; only a norm that exceeds its cap by more than a rounding error is marked', () => {
  const norms = [
    ...['gx', 'gz'].flatMap((net) =>
      [0, 1, 2].map((layer) => ({ path: `blocks.1.${net}.layers.${layer}`, norm: 0.5 + 0.1 * layer, cap: 0.99 })),
    ),
    { path: 'blocks.2.gx.layers.0', norm: 0.9905, cap: 0.99 },
    { path: 'blocks.2.gx.layers.1', norm: 0.9921, cap: 0.99 },
  ];
  const blocks = blocksOf(norms);
  expect(blocks.map(({ name, nets }) => [name, nets.map((net) => `${net.name} ${net.bars.length}`)])).toEqual([
    ['block 1', ['gx 3', 'gz 3']],
    ['block 2', ['gx 2']],
  ]);
  expect(blocks[1]!.nets[0]!.bars.map(({ above }) => above)).toEqual([false, true]);
  expect(normsInWords(norms)).toBe(
    'Norms of 8 layers: the largest is 0.9921, and 1 lies within 0.01 of the cap. 1 is above the cap by more than 0.001.',
  );
  expect(normsInWords(norms.slice(0, 6))).toMatch(/None is above its cap\.$/);
});
