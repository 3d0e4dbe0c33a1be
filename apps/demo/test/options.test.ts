import { wasm } from '@impflow/backend-wasm';
import type { CountOption, RealOption } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import { toys } from '@impflow/tables';
import { OPTIONS } from 'impflow/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { TOYS } from '../src/config.ts';
import { ACTIVATIONS, TOY_WORDS } from '../src/labels.ts';
import { LOG_DETS, SOLVERS, type OptionField, type PluginField } from '../src/plugin-fields.ts';
import { parseNumber, parseWidths, numberProblem, RULES } from '../src/rules.ts';

/** Returns the default value of an input field and its extreme allowed values. */
const edges = (field: OptionField): readonly unknown[] =>
  field.kind === 'choice'
    ? field.values
    : field.open === true
      ? [field.standard, field.least + 1e-3, field.most - 1e-3]
      : [field.standard, field.least, field.most];

describe('options on the page', () => {
  beforeAll(async () => {
    await wasm().start();
  });

  it('the page offers all solvers, estimators, activations and toy densities of the library', () => {
    expect(SOLVERS.map(({ name }) => name).sort()).toEqual([...builtInRegistries.solver.names].sort());
    expect(LOG_DETS.map(({ name }) => name).sort()).toEqual([...builtInRegistries.logDet.names].sort());
    expect(Object.keys(ACTIVATIONS).sort()).toEqual([...builtInRegistries.activation.names].sort());
    expect([...TOYS].sort()).toEqual(Object.keys(toys).sort());
    expect(Object.keys(TOY_WORDS).sort()).toEqual([...TOYS].sort());
  });

  const each = (kind: 'solver' | 'logDet', plugins: readonly PluginField[]): void => {
    for (const { name, options: fields } of plugins) {
      it(`${name} accepts all values that the input fields for its options allow`, () => {
        for (const field of fields) {
          for (const value of edges(field)) {
            const options = {
              [field.name]: value,
              ...(field.when === undefined ? {} : { [field.when.name]: field.when.value }),
            };
            expect(
              () => builtInRegistries[kind].create({ name, options }),
              `${field.name} = ${String(value)}`,
            ).not.toThrow();
          }
        }
      });
    }
  };
  each('solver', SOLVERS);
  each('logDet', LOG_DETS);

  it.each([
    ['blocks', 'blocks'],
    ['width', 'hidden'],
    ['coeff', 'coeff'],
    ['seed', 'seed'],
    ['batch', 'batch'],
    ['learningRate', 'lr'],
  ] as const)('the limits of the field %s are allowed values of the option %s of impflow', (rule, name) => {
    const {
      above = -Infinity,
      below = Infinity,
      least = -Infinity,
      most = Infinity,
    }: Partial<Pick<RealOption, 'above' | 'below'> & Pick<CountOption, 'least' | 'most'>> = OPTIONS[name];
    for (const limit of [RULES[rule].least, RULES[rule].most])
      expect([limit > above, limit < below, limit >= least, limit <= most]).not.toContain(false);
  });

  it('a valid text in a number field is parsed; an invalid text is refused with a reason', () => {
    expect(parseNumber(' 12 ', RULES.blocks)).toEqual({ value: 12 });
    expect(parseNumber('1e-3', RULES.learningRate)).toEqual({ value: 1e-3 });
    expect(parseNumber('0,5', RULES.coeff)).toEqual({ value: 0.5 });
    expect(parseNumber('2.5', RULES.blocks)).toEqual({ problem: 'must be a whole number from 1 to 32' });
    expect(parseNumber('0', RULES.size)).toEqual({ value: 0 });
    expect(parseNumber('3', RULES.size)).toEqual({ problem: 'must be 0, or a whole number from 50 to 200000' });
    for (const text of ['', 'x', '1 2', 'Infinity', '0x10', '--1'])
      expect(parseNumber(text, RULES.noise)).toHaveProperty('problem');
    expect(numberProblem(1, { kind: 'number', least: 0, most: 1, open: true })).toMatch(
      /greater than 0 and less than 1/,
    );
  });

  it('a valid text in a field for widths is parsed; an invalid text is refused with a reason', () => {
    for (const text of ['64, 64', '64 64', '64x64', '64-64', '64;64'])
      expect(parseWidths(text, 'sin')).toEqual({ value: [64, 64] });
    expect(parseWidths('', 'sin')).toEqual({ problem: 'must be 1 to 6 whole numbers, such as 64, 64' });
    expect(parseWidths('64, wide', 'sin')).toEqual({ problem: 'must each be a whole number from 1 to 1024' });
    expect(parseWidths('7', 'maxMin')).toHaveProperty('problem');
  });
});
