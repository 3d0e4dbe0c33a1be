import { FlowError } from '@impflow/core';
import type { Decimal, MapChoice } from '@impflow/tables';

/**
 * Parses the option `transform`: either `auto` or `none` for all columns, or a list of strings such as `log:price`,
 * `log:price:-1`, `logit:share:0:1` and `none:age`. A column name may contain colons.
 *
 * @throws `option` for a string of another form, and for two maps of one column.
 */
export const transformOf = (
  texts: readonly string[] = ['auto'],
): 'auto' | 'none' | Readonly<Record<string, MapChoice>> => {
  if (texts.length === 1 && (texts[0] === 'auto' || texts[0] === 'none')) return texts[0];
  const maps = texts.map(oneTransform);
  const names = maps.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw wrong('at most one map for each column', `"${twice}" twice`);
  return Object.fromEntries(maps);
};

const oneTransform = (text: string): readonly [string, MapChoice] => {
  const [map = '', ...rest] = text.split(':');
  const name = (bounds: number): string => rest.slice(0, rest.length - bounds).join(':');
  /**
   * Converts the k-th field from the end to a number; colons separate the fields. Returns NaN if the field is not a
   * number, or if no column name is left before the field.
   */
  const bound = (k: number): number => {
    const part = rest.at(-k)?.trim() ?? '';
    return part === '' || name(k) === '' ? NaN : Number(part);
  };
  if (map === 'none' && name(0) !== '') return [name(0), { map: 'identity' }];
  if (map === 'log' && name(0) !== '')
    // A number after the column name is the lower bound of the column.
    return Number.isNaN(bound(1)) ? [name(0), { map: 'log', lower: 0 }] : [name(1), { map: 'log', lower: bound(1) }];
  if (map === 'logit' && bound(2) < bound(1)) return [name(2), { map: 'logit', lower: bound(2), upper: bound(1) }];
  throw wrong('auto, none, or a list of log:column, log:column:lower, logit:column:lower:upper, none:column', text);
};

const wrong = (expected: string, got: string): FlowError =>
  new FlowError('option', 'impflow/fit', 'Wrong transformation', {
    expected,
    got,
    hint: 'Set the option transform to one of the expected values.',
  });

/**
 * Parses the option `periodic`, a list of strings such as `angle:360`. Returns the period of each column, by column
 * name.
 *
 * @throws `option` for a string of another form.
 */
export const periodsOf = (texts: readonly string[] = []): Readonly<Record<string, number>> =>
  Object.fromEntries(
    texts.map((text) => {
      const at = text.lastIndexOf(':');
      const period = Number(text.slice(at + 1));
      if (at > 0 && period > 0 && period < Infinity) return [text.slice(0, at), period] as const;
      throw new FlowError('option', 'impflow/fit', 'Wrong period', {
        expected: 'column:period, such as angle:360',
        got: text,
        hint: 'Give the length of one turn in the unit of the column; for dates, in days.',
      });
    }),
  );

const SIGNS: Readonly<Record<string, Decimal>> = { comma: ',', point: '.' };

/**
 * Parses the option `decimalOf`, a list of strings such as `price:comma`. Returns the decimal sign of each column, by
 * column name.
 *
 * @throws `option` for a string of another form.
 */
export const decimalsOf = (texts: readonly string[] = []): Readonly<Record<string, Decimal>> =>
  Object.fromEntries(
    texts.map((text) => {
      const at = text.lastIndexOf(':');
      const sign = text.slice(at + 1);
      if (at > 0 && Object.hasOwn(SIGNS, sign)) return [text.slice(0, at), SIGNS[sign]!] as const;
      throw new FlowError('option', 'impflow/fit', 'Wrong decimal sign', {
        expected: 'column:comma or column:point',
        got: text,
        hint: 'Name a column and its decimal sign, such as price:comma.',
      });
    }),
  );
