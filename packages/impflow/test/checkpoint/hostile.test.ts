import { bits, fold, isFlowError, key } from '@impflow/core';
import { decodeSafetensors, encodeSafetensors } from '@impflow/training';
import { fit, load, type Model } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { gaussianRows, letters } from '../tables.ts';

const kinds = letters(60, 1);
const rows = gaussianRows(60, 1).map(({ x, y }, i) => ({ x, y: Math.round(10 * y) / 10, kind: kinds[i]! }));
let model: Model<(typeof rows)[0]>;
let bytes: Uint8Array;
/** The JSON in the metadata of the checkpoint. */
let said: string;

beforeAll(async () => {
  model = await fit(rows, { steps: 3, workers: 1, hidden: [4], blocks: 1 });
  bytes = model.toBytes();
  said = decodeSafetensors(bytes).metadata['impflow']!;
});

/** Returns the bytes of the checkpoint, with `text` instead of the JSON in its metadata. */
const saying = (text: string): Uint8Array => {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return encodeSafetensors(tensors, { ...metadata, impflow: text });
};
type Tree = Record<string, unknown>;
/**
 * Returns the JSON of the checkpoint after the value at the path `place` was replaced. `undefined` removes the value.
 */
const changed = (place: readonly string[], value: unknown): string => {
  const whole = JSON.parse(said) as Tree;
  const owner = place.slice(0, -1).reduce((inner, name) => inner[name] as Tree, whole);
  owner[place.at(-1)!] = value;
  return JSON.stringify(whole);
};
/** Loads a checkpoint. Returns the message of the error or, without an error, the scores of the model. */
const outcome = async (from: Uint8Array): Promise<string> => {
  try {
    const opened = await load<(typeof rows)[0]>(from);
    const [score] = opened.score(rows.slice(0, 1));
    opened.sample(1);
    opened.dispose();
    return `density ${score!.logDensity}`;
  } catch (error) {
    return isFlowError(error) ? `${error.code}: ${error.message}` : `another error: ${(error as Error).stack}`;
  }
};
const nested = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
const net = (hidden: readonly number[]) => ({
  kind: 'residual',
  g: { hidden, activation: { name: 'sin' }, coeff: 0.9 },
});

describe('a checkpoint with wrong contents', () => {
  it.each<readonly [string, string, unknown, RegExp]>([
    ['huge layers', 'spec.flow.blocks', [net([30_000, 30_000])], /far larger than the file/],
    [
      'a billion components',
      'spec.flow.base',
      { name: 'mixture', options: { components: 1e9 } },
      /far larger than the file/,
    ],
    [
      '99,000 blocks',
      'spec.flow.blocks',
      Array.from({ length: 99_000 }, () => ({ kind: 'actNorm' })),
      /too many layers/,
    ],
    ['a huge dimension', 'spec.flow.dim', 1e9, /far larger than the file/],
    ['a huge context', 'spec.flow.context', 1e9, /wrong spec\.flow\.context: expected a whole number from 0 to/],
    [
      'a billion terms',
      'spec.flow.logDet',
      { name: 'series', options: { terms: 1e9 } },
      /wrong spec\.flow\.logDet\.options\.terms: expected a whole number from 0 to 10000, got 1000000000/,
    ],
    [
      'a series that never ends',
      'spec.flow.evaluationLogDet',
      { name: 'roulette', options: { p: 1e-12 } },
      /wrong spec\.flow\.evaluationLogDet\.options\.p: expected a number from 0.0001 to 1/,
    ],
    ['a billion steps', 'spec.flow.tolerance', { maxSteps: 1e9 }, /wrong spec\.flow\.tolerance\.maxSteps/],
    ['no spec', 'spec', null, /wrong spec: expected an object, got null/],
    ['no flow', 'spec.flow', undefined, /wrong spec\.flow/],
    ['columns in words', 'spec.columns', 'x, y', /wrong spec\.columns: expected a list, got "x, y"/],
    ['too few columns', 'spec.columns', [{ kind: 'number', name: 'x' }], /The checkpoint/],
    [
      'a column of another kind',
      'spec.columns',
      [{ kind: 'image', name: 'x' }],
      /kind: expected one of number, category/,
    ],
    ['another solver', 'spec.flow.solver', { name: 'mine' }, /registry: .*set the option plugins/],
    ['another kind of block', 'spec.flow.blocks', [{ kind: 'mine' }], /The checkpoint/],
    [
      'a classifier',
      'spec',
      { version: 1, kind: 'classifier', shape: [4, 4, 1], classes: 2, block: 'implicit', stages: [] },
      /The checkpoint is a model of another kind: expected a density of the rows of a table, got a classifier of images/,
    ],
    [
      'images',
      'spec',
      { version: 1, dim: 16, shape: [4, 4, 1], base: { name: 'normal' }, blocks: [] },
      /got a density of images/,
    ],
    ['a string as contents', 'extra', 'extra', /wrong extra: expected an object, got "extra"/],
    ['no report', 'extra.report', undefined, /has no report: expected a model whose training was finished/],
    ['a string as report', 'extra.report', 'good', /wrong extra\.report/],
    ['data by number', 'extra.data', { data: 7 }, /wrong extra\.data\.data: expected a string, got 7/],
    [
      'a string as quantile',
      'extra.quantiles',
      ['low'],
      /wrong extra\.quantiles\[0\]: expected a number from -Infinity to Infinity, got "low"/,
    ],
    [
      'unsorted quantiles',
      'extra.quantiles',
      [{ number: '-Infinity' }, -2, -3],
      /wrong extra\.quantiles\[2\]: expected a number of at least -2: ascending order, got -3/,
    ],
    ['an unknown type', 'extra.types', { kind: 'blob' }, /wrong extra\.types\.kind: expected one of string/],
    ['a huge batch', 'extra.options.batch', 1e15, /wrong extra\.options\.batch/],
    [
      'a million workers',
      'extra.options.workers',
      1e6,
      /wrong extra\.options\.workers: expected a whole number from 1 to 256/,
    ],
    ['a number as source', 'extra.provenance.source', 5, /wrong extra\.provenance\.source: expected a string, got 5/],
    ['no number of rows', 'extra.provenance.rows', 'many', /wrong extra\.provenance\.rows/],
    ['an invalid training', 'training', { step: -1 }, /wrong training\.step/],
    ['another format', 'format', 'pickle', /Wrong format/],
    ['another version', 'version', 2, /Unknown version/],
  ])('%s', async (_what, place, value, words) => {
    const began = performance.now();
    const found = await outcome(saying(changed(place.split('.'), value)));
    expect(found).toMatch(/^(checkpoint|registry): /);
    expect(found).toMatch(words);
    expect(found.length).toBeLessThan(1000);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it.each([
    ['the format', () => said.replace('"impflow"', nested)],
    ['the spec', () => said.replace('"spec":{', `"spec":{"deep":${nested},`)],
    ['the contents', () => said.replace('"extra":{', `"extra":{"deep":${nested},`)],
    ['the training', () => said.replace('"training":{', `"training":{"deep":${nested},`)],
  ])('a checkpoint with deeply nested lists in %s is refused', async (_where, text) => {
    expect(await outcome(saying(text()))).toMatch(/^checkpoint: .*(nested too deep|Wrong format)/);
  });

  it('the keys `__proto__` and `constructor` in a checkpoint have no effect on scores and on `Object.prototype`', async () => {
    const text = said.replace(
      '"extra":{',
      '"extra":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
    );
    expect(await outcome(saying(text))).toBe(await outcome(bytes));
    expect(({} as { readonly polluted?: number }).polluted).toBeUndefined();
  });

  it('a checkpoint with one wrong value gives a checkpoint error, a registry error, or a model that scores', async () => {
    const VALUES: readonly unknown[] = [null, 'x', -1, 1.5, 1e15, true, [], {}, [[1]], { name: 5 }];
    /** Returns the paths of all values in a JSON value. Only the first entry of a list is included. */
    const placesIn = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] => [
      ...(at.length === 0 ? [] : [at]),
      ...(typeof value !== 'object' || value === null
        ? []
        : Object.entries(value)
            .slice(0, Array.isArray(value) ? 1 : Infinity)
            .flatMap(([name, inner]) => placesIn(inner, [...at, name]))),
    ];
    // The test does not change values of the report, because `load` only passes the report on to the user.
    const places = placesIn(JSON.parse(said)).filter((place) => place[1] !== 'report' || place.length < 4);
    expect(places.length).toBeGreaterThan(60);
    const wrong: string[] = [];
    for (const [i, place] of places.entries())
      for (const shift of [0, 5]) {
        const value = VALUES[(7 * i + shift) % VALUES.length];
        const found = await outcome(saying(changed(place, value)));
        if (!/^(checkpoint|registry|density)/.test(found))
          wrong.push(`${place.join('.')} = ${JSON.stringify(value)}: ${found}`);
      }
    expect(wrong).toEqual([]);
  }, 120_000);
});

describe('damaged bytes', () => {
  it.each<readonly [string, () => Uint8Array]>([
    ['no bytes', () => new Uint8Array(0)],
    ['40 bytes', () => Uint8Array.from({ length: 40 }, (_, i) => i)],
    ['the text of a CSV file', () => new TextEncoder().encode('species,mass\nAdelie,3750\n')],
    ['half of a checkpoint', () => bytes.slice(0, bytes.length / 2)],
    ['all bytes but one', () => bytes.slice(0, -1)],
    ['one byte more', () => Uint8Array.of(...bytes, 0)],
    ['a header of a terabyte', () => Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0, ...bytes.slice(8))],
    ['tensors without contents', () => encodeSafetensors(decodeSafetensors(bytes).tensors, {})],
    ['contents without tensors', () => encodeSafetensors({}, { impflow: said })],
    ['contents that are not JSON', () => saying('{')],
    ['contents that are null', () => saying('null')],
  ])('%s', async (_what, damaged) => {
    expect(await outcome(damaged())).toMatch(/^checkpoint: .*[Tt]he checkpoint/);
  });

  it('a checkpoint with one flipped bit gives a checkpoint error, a registry error, or a model that scores', async () => {
    const wrong: string[] = [];
    for (let i = 0; i < 60; i++) {
      const [place, bit] = bits(fold(key(3), i), 2);
      const damaged = bytes.slice();
      // In half of the cases, the damaged byte is in the header, although the header is only a few percent of the file.
      const at = place! % (i % 2 === 0 ? damaged.length : Math.min(damaged.length, said.length));
      damaged[at]! ^= 1 << (bit! % 8);
      const found = await outcome(damaged);
      if (!/^(checkpoint|registry|density)/.test(found)) wrong.push(`byte ${at}: ${found}`);
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('a checkpoint with NaN weights is refused', async () => {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const name = Object.keys(tensors).find((each) => each.startsWith('best.parameters'))!;
    const spoiled = { ...tensors[name]!, data: new Float32Array(tensors[name]!.data.length).fill(NaN) };
    expect(await outcome(encodeSafetensors({ ...tensors, [name]: spoiled }, metadata))).toMatch(
      /^checkpoint: .*finite/,
    );
  });
});
