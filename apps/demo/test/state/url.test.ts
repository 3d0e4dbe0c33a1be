import { describe, expect, it } from 'vitest';
import {
  BACKENDS,
  DEFAULTS,
  KINDS,
  PLACES,
  RACES,
  SMALL_PRESET,
  TOYS,
  type Config,
  type ModelChoice,
  type PluginChoice,
} from '../../src/config.ts';
import { ACTIVATIONS, fits } from '../../src/labels.ts';
import { applies, LOG_DETS, SOLVERS, type PluginField } from '../../src/plugin-fields.ts';
import { parameterCount } from '../../src/state/parameters.ts';
import { decodePoints, encodePoints, MOST_POINTS } from '../../src/state/points-text.ts';
import type { ViewOptions } from '../../src/state/session-types.ts';
import { fromHash, DEFAULT_VIEW, toHash } from '../../src/state/url.ts';

/** Returns a generator of numbers in [0, 1) that generates the same numbers in each run. */
const generator = (seed: number) => () => {
  seed = (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
  return ((seed ^ (seed >>> 13)) >>> 0) / 2 ** 32;
};

type Random = () => number;
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const whole = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

const randomPlugin = (random: Random, known: readonly PluginField[]): PluginChoice => {
  const { name, options: fields } = pick(random, known);
  const options: Record<string, unknown> = {};
  for (const field of fields) {
    const value =
      field.kind === 'choice'
        ? pick(random, field.values)
        : field.kind === 'integer'
          ? whole(random, field.least, field.most)
          : field.least + (field.most - field.least) * (0.01 + 0.98 * random());
    if (random() < 0.5 && value !== field.standard && applies(field, fields, options)) options[field.name] = value;
  }
  return Object.keys(options).length === 0 ? { name } : { name, options };
};

const randomModel = (random: Random): ModelChoice => ({
  kind: pick(random, KINDS),
  blocks: whole(random, 1, 32),
  hidden: Array.from({ length: whole(random, 1, 6) }, () => 2 * whole(random, 1, 512)),
  ...(random() < 0.5
    ? {
        net: 'sandwich' as const,
        activation: pick(
          random,
          Object.keys(ACTIVATIONS).filter((name) => fits(name, 'sandwich')),
        ),
      }
    : { activation: pick(random, Object.keys(ACTIVATIONS)) }),
  coeff: 0.1 + 0.89 * random(),
  ...(random() < 0.5 ? { solver: randomPlugin(random, SOLVERS) } : {}),
  ...(random() < 0.5 ? { logDet: randomPlugin(random, LOG_DETS) } : {}),
});

const randomConfig = (random: Random): Config => ({
  data: {
    ...(random() < 0.7 ? { kind: 'toy', name: pick(random, TOYS) } : { kind: 'place', name: pick(random, PLACES) }),
    noise: random() < 0.5 ? 0 : random(),
    size: pick(random, [0, 50, 12_345]),
  },
  models: Array.from({ length: whole(random, 1, 2) }, () => (random() < 0.2 ? SMALL_PRESET : randomModel(random))),
  equalParameters: random() < 0.5,
  race: pick(random, RACES),
  seed: whole(random, 0, 1000),
  learningRate: 10 ** -(1 + 4 * random()),
  batch: whole(random, 8, 4096),
  steps: pick(random, [0, 10, 2000, 123_456]),
  backend: pick(random, BACKENDS),
  plugins: [],
  play: random() < 0.5,
});

const randomView = (random: Random): ViewOptions => ({
  ...DEFAULT_VIEW,
  stage: pick(random, ['density', 'logDet', 'steps', 'warp']),
  ...(random() < 0.5 ? { colors: pick(random, ['linear', 'logarithmic']) } : {}),
  showData: random() < 0.5,
  showSamples: random() < 0.5,
  ...(random() < 0.5 ? { point: [whole(random, -400, 400) / 100, whole(random, -400, 400) / 100] } : {}),
});

describe('the address of the page', () => {
  it('the address is empty if all settings have their defaults', () => {
    expect(toHash(DEFAULTS)).toBe('');
    expect(fromHash('')).toEqual({ config: DEFAULTS, view: DEFAULT_VIEW, complaints: [] });
    expect(fromHash('#')).toEqual(fromHash(''));
  });

  it('the address has short, readable keys', () => {
    const config: Config = {
      ...DEFAULTS,
      data: { ...DEFAULTS.data, name: 'rings' },
      models: [
        { ...SMALL_PRESET, blocks: 6, hidden: [128, 128], solver: { name: 'anderson', options: { memory: 3 } } },
      ],
    };
    expect(toHash(config, { ...DEFAULT_VIEW, stage: 'logDet', level: 'expert' })).toBe(
      '#data=rings&blocks=6&hidden=128-128&solver=anderson&solver.memory=3&show=logDet',
    );
  });

  it('every configuration can be written to an address and read back', () => {
    const random = generator(1);
    for (let i = 0; i < 2000; i++) {
      const [config, view] = [randomConfig(random), randomView(random)];
      const hash = toHash(config, view);
      const { complaints, ...back } = fromHash(hash);
      expect(complaints, hash).toEqual([]);
      expect(back, hash).toEqual({ config, view });
      expect(toHash(back.config, back.view)).toBe(hash);
    }
  });

  it('reading an address never throws', () => {
    const random = generator(2);
    const letters = 'data=modelhidden2&.-_%,0123456789#é√';
    for (let i = 0; i < 2000; i++) {
      // Half of the test strings are valid addresses in which some characters were changed.
      const good = toHash(randomConfig(random), randomView(random));
      const hash =
        i % 2 === 0
          ? [...good].map((letter) => (random() < 0.1 ? pick(random, [...letters]) : letter)).join('')
          : Array.from({ length: 40 }, () => pick(random, [...letters])).join('');
      const { config, view } = fromHash(hash);
      expect(fromHash(toHash(config, view)), hash).toEqual({ config, view, complaints: [] });
    }
  });

  it('invalid values in an address are reported, and defaults are used instead', () => {
    const said = (hash: string): string => {
      const { config, complaints } = fromHash(hash);
      expect(complaints, hash).toHaveLength(1);
      expect({ ...config, data: DEFAULTS.data, models: [SMALL_PRESET] }, hash).toEqual(DEFAULTS);
      return complaints[0]!;
    };
    expect(said('#data=cats')).toMatch(/data must be one of moons, .*it is “cats”/);
    expect(said('#blocks=0')).toMatch(/blocks must be a whole number from 1 to 32; it is “0”/);
    expect(said('#hidden=64-wide')).toMatch(/hidden must each be a whole number/);
    expect(said('#hidden=7&activation=maxMin')).toMatch(/even/);
    expect(said('#activation=step')).toMatch(/one of sin, /);
    expect(said('#net=sandwhich')).toMatch(/net must be one of spectral, sandwich/);
    expect(fromHash('#net=sandwich').config.models[0]).toMatchObject({ net: 'sandwich', activation: 'snake' });
    expect(fromHash('#net=sandwich&activation=sin').complaints[0]).toMatch(
      /activation sin has slopes that a sandwich net cannot use/,
    );
    expect(said('#solver=magic')).toMatch(/not built in/);
    expect(said('#solver=anderson&solver.memory=-1')).toMatch(/solver\.memory must be a whole number from 1/);
    expect(said('#logdet=roulette&logdet.lambda=2')).toMatch(/needs logdet\.distribution=poisson/);
    expect(said('#logdet=series&logdet.probe=bell')).toMatch(/one of rademacher/);
    expect(said('#play=yes')).toMatch(/0 or 1/);
    expect(said('#at=1')).toMatch(/two numbers/);
    expect(said('#color=red')).toMatch(/“color”/);
    expect(said('#blocks2=3')).toMatch(/“blocks2”/);
    expect(said('#data=table&file=wine.csv')).toMatch(/drop the file “wine.csv”/);
    expect(said('#data=drawn')).toMatch(/does not contain the drawing/);
    expect(said('#data=drawn&drawn=AAAA')).toMatch(/damaged/);
  });

  it('the address contains no plugins and no options of plugins; a solver that is not built in is reported', () => {
    const config: Config = {
      ...DEFAULTS,
      plugins: ['./evil.js'],
      models: [{ ...SMALL_PRESET, solver: { name: 'mine', options: { deep: [1] } } }],
    };
    expect(toHash(config, { ...DEFAULT_VIEW, level: 'expert' })).toBe('#solver=mine');
    expect(fromHash('#plugins=./evil.js').config.plugins).toEqual([]);
    expect(fromHash('#solver=mine')).toMatchObject({
      config: DEFAULTS,
      complaints: [expect.stringContaining('plugin')],
    });
  });

  it('if an address sets no widths of the second model, both models get nearly equal numbers of parameters', () => {
    const {
      config: {
        models: [first, second],
      },
    } = fromHash('#model2=coupling');
    expect(second!.kind).toBe('coupling');
    expect(Math.abs(parameterCount(second!) / parameterCount(first!) - 1)).toBeLessThan(0.02);
  });
});

describe('points in the address', () => {
  const drawing = (count: number): Float32Array => {
    const random = generator(count);
    return Float32Array.from({ length: 2 * count }, () => 8 * random() - 4);
  };

  it('drawn points are restored from an address with an error of at most a 4096th of the width and height', () => {
    const points = drawing(MOST_POINTS);
    const config: Config = { ...DEFAULTS, data: { kind: 'drawn', name: 'drawn', noise: 0.1, size: 0 } };
    const hash = toHash(config, DEFAULT_VIEW, points);
    expect(hash.length).toBeLessThan(2600);
    const back = fromHash(hash);
    expect(back.config).toEqual(config);
    expect(back.complaints).toEqual([]);
    points.forEach((x, i) => expect(Math.abs(back.drawn![i]! - x)).toBeLessThan(8 / 4096));
  });

  it('drawn points that lie on a line can be stored in an address', () => {
    const points = Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1.5 : i));
    expect(decodePoints(encodePoints(points)!)![0]).toBe(1.5);
  });

  it('if there are too many drawn points, an address contains an evenly spaced selection from all strokes', () => {
    for (const count of [MOST_POINTS + 1, 764, 20_000]) {
      const points = Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? (i / 2 / count) * 8 - 4 : 1));
      const back = decodePoints(encodePoints(points)!)!;
      expect(back.length).toBe(2 * MOST_POINTS);
      const across = back.filter((_, i) => i % 2 === 0);
      across.forEach((x, i) => expect(Math.abs(x - ((i / MOST_POINTS) * 8 - 4))).toBeLessThan(0.02));
    }
    expect(encodePoints(drawing(MOST_POINTS + 500))!.length).toBeLessThan(2500);
  });

  it('drawn points are not stored in an address if there are too few points or if some points are not finite', () => {
    expect(encodePoints(drawing(9))).toBeUndefined();
    expect(encodePoints(Float32Array.from({ length: 40 }, () => Number.NaN))).toBeUndefined();
  });

  it('drawn points are refused if their text in the address is damaged', () => {
    const text = encodePoints(drawing(20))!;
    for (const bad of ['', '====', `${text}x`, text.slice(2), `${'_'.repeat(24)}${text.slice(24)}`, '!'.repeat(80)])
      expect(decodePoints(bad), bad).toBeUndefined();
  });
});
