import { parseFrame, type FrameOptions } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const parse = (text: string, options?: FrameOptions, name = 'a.csv') =>
  parseFrame(name, new TextEncoder().encode(text), options);
const said = (text: string, options?: FrameOptions, name?: string): readonly string[] =>
  parse(text, options, name).remarks!;

describe('remarks of parseFrame', () => {
  it('the first remark of a frame states the header, the separator and the decimal sign', () => {
    expect(said('a,b\n1,2\n')).toEqual(['a.csv: header a, b; commas between cells; decimal point.']);
    expect(said('1.5;2\n3;4\n')).toEqual([
      'a.csv: no header, columns x0, x1; semicolons between cells; decimal point.',
    ]);
    expect(said('a;b\n1,5;2\n', { decimal: ',' })).toEqual([
      'a.csv: header a, b; semicolons between cells; decimal comma.',
    ]);
    expect(said('a|b\n1,5|2\n')).toEqual(['a.csv: header a, b; bars between cells; decimal comma, as in 1,5.']);
    expect(said('a|b,c\n1,2\n')).toEqual(['a.csv: header a|b, c; commas between cells; decimal point.']);
    expect(said('"a|b"\n1\n')).toEqual(['a.csv: header a|b; one cell in a line; decimal point.']);
    expect(said('a\n1\n', {}, 'a.tsv')).toEqual(['a.tsv: header a; one cell in a line; decimal point.']);
  });

  it('the options `header`, `separator` and `decimal` determine how a CSV is read', () => {
    const numbers = (text: string, options: FrameOptions): readonly (readonly number[])[] =>
      parse(text, options).columns.map((column) => [...column.numbers]);
    expect(numbers('a|b\n1,5|2\n', { separator: '|', decimal: ',' })).toEqual([[1.5], [2]]);
    expect(numbers('1,5\n-2,25\n', { decimal: ',' })).toEqual([[1.5, -2.25]]);
    expect(numbers('2019,2020\n1,2\n', { header: true })).toEqual([[1], [2]]);
    expect(() => parse('1,5\n', { separator: ',', decimal: ',' })).toThrow(
      '[tables/parseFrame] The separator is the decimal sign',
    );
    expect(parse('a;b\n1.5;2\n', { decimal: ',' }).columns[0]!.texts).toEqual(['1.5']);
  });

  it.each([
    [
      'a header of years',
      '2019,2020,2021\n0.1,0.2,0.3\n0.4,0.5,0.1\n',
      'The first line of a.csv is read as a row, although 2019, 2020, 2021 looks like a header. If it is the header, set the option header to yes.',
      { header: false },
    ],
    [
      'a typo in the first of many numbers',
      '1..5,2.5\n1,2\n',
      'The first line of a.csv is read as the header, although it contains "2.5". If it is a row, set the option header to no.',
      { header: true },
    ],
    [
      'a typo in the only number',
      '1..5\n1\n2\n',
      'The first line of a.csv is read as the header, although it contains "1..5". If it is a row, set the option header to no.',
      { header: true },
    ],
    [
      'decimal commas without a header',
      '1,5\n2,25\n',
      'Each line of a.csv contains two whole numbers with a comma between them, which are read as two columns. If each line is one number, set the option decimal to a comma.',
      { separator: ',' },
    ],
  ] as const)('a remark expresses doubt about %s, unless an option decides', (_what, text, remark, options) => {
    expect(said(text).slice(1)).toEqual([remark]);
    expect(said(text, options)).toHaveLength(1);
  });

  it.each([
    ['names', 'length,width (mm),0-60 mph (s),x1\n1,2,3,4\n'],
    ['rows of counts', '1,2,3\n4,5,6\n7,8,9\n'],
    ['signs and fractions', '1,-5\n2,3\n'],
    ['missing cells', 'a,\n1,\n2,3\n'],
  ])('no remark expresses doubt about %s', (_what, text) => {
    expect(said(text)).toHaveLength(1);
  });
});
