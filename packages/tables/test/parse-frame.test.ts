import { parseFrame, type FrameOptions } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const parse = (text: string, options?: FrameOptions, name = 'a.csv') =>
  parseFrame(name, new TextEncoder().encode(text), options);
/** Parses a CSV with a header and one column, which contains the given cells. */
const column = (cells: readonly string[], options?: FrameOptions) => {
  const { columns } = parse(`a\n${cells.map((cell) => `"${cell}"`).join('\n')}\n`, options);
  const { numbers, texts, written } = columns[0]!;
  return { numbers: [...numbers], texts, written };
};
const everywhere = ['', ' ', 'NA', 'N/A', 'n/a', 'NULL', 'null', 'None', 'NaN', 'nan', 'NaT', '<NA>', '#N/A', '\\N'];
const amongNumbers = ['na', 'none', 'Null', '-nan', 'N/a', '-', '--', '---', '–', '—', '?', '??', '.', '..', '...'];

describe('parseFrame', () => {
  it('parseFrame reads numbers, text and missing cells in the order of the file', () => {
    const frame = parse('a,kind,b\n1,Adelie,2.5\n-3,,4e2\n,"Gentoo, ""big""",\n');
    expect(frame.rows).toBe(3);
    expect(frame.source).toBe('a.csv');
    expect(frame.columns).toEqual([
      { name: 'a', numbers: Float64Array.of(1, -3, NaN) },
      {
        name: 'kind',
        numbers: Float64Array.of(NaN, NaN, NaN),
        texts: ['Adelie', undefined, 'Gentoo, "big"'],
        written: ['Adelie', undefined, 'Gentoo, "big"'],
      },
      { name: 'b', numbers: Float64Array.of(2.5, 400, NaN) },
    ]);
    expect(frame.place(2)).toBe('line 4');
    expect(frame.remarks).toEqual(['a.csv: header a, kind, b; commas between cells; decimal point.']);
  });

  it('words such as `NA` and `null` are missing cells, both in columns of numbers and in columns of text', () => {
    expect(column([...everywhere, '1'])).toEqual({
      numbers: [...everywhere.map(() => NaN), 1],
      texts: undefined,
      written: undefined,
    });
    const { texts } = column([...everywhere, 'x']);
    expect(texts).toEqual([...everywhere.map(() => undefined), 'x']);
  });

  it.each(amongNumbers)('%s is a missing cell in a column of numbers, and text in a column of text', (cell) => {
    expect(column(['1', cell])).toEqual({ numbers: [1, NaN], texts: undefined, written: undefined });
    expect(column(['1', cell, 'x']).texts).toEqual([undefined, cell, 'x']);
    expect(column([cell, cell]).texts).toEqual([cell, cell]);
  });

  it('parseFrame does not read similar words and marks, such as `n.a.` or `----`, as missing cells', () => {
    for (const cell of ['missing', '----', '*', '0', '-1', '- -', 'n.a.', 'NAN!', 'Infinity'])
      expect(column(['1', cell, 'x']).written).toEqual(['1', cell, 'x']);
    expect(column(['1', '-inf', 'Infinity', '1e400']).numbers).toEqual([1, -Infinity, Infinity, Infinity]);
  });

  it('a number in a column of text is kept both as a number and as it is written', () => {
    expect(column(['A', '7', '1.50', '+2', 'NA', '1,000', '5 %'])).toEqual({
      numbers: [NaN, 7, 1.5, 2, NaN, NaN, NaN],
      texts: ['A', undefined, undefined, undefined, undefined, '1,000', '5 %'],
      written: ['A', '7', '1.50', '+2', undefined, '1,000', '5 %'],
    });
  });

  it('a whole number is also kept as it is written if a double cannot reproduce its digits', () => {
    expect(column(['02139', '10001', '']).written).toEqual(['02139', '10001', undefined]);
    expect(column(['12345678901234567891', '-']).written).toEqual(['12345678901234567891', undefined]);
    expect(column(['-12345678901234567891']).written).toEqual(['-12345678901234567891']);
    expect(column(['0', '10', '-0', '-007', '1.0', '1e3', '007.5']).written).toBeUndefined();
  });

  it('parseFrame keeps an apostrophe before a formula, so that it differs from the formula', () => {
    expect(column(["'-z", '-z', ' -z', "''=f", "'-5"]).texts).toEqual(["'-z", '-z', '-z', "''=f", "'-5"]);
  });

  it('parseFrame reads only the chosen columns, and throws for text that is not a table', () => {
    const text = 'a,b,c\n1,x,2\n';
    expect(parse(text, { columns: ['c', 'b'] }).columns.map(({ name }) => name)).toEqual(['c', 'b']);
    expect(() => parse(text, { columns: ['d'] })).toThrow('[tables/parseFrame] Unknown column of a.csv');
    expect(() => parse(text, { columns: ['a', 'a'] })).toThrow('[tables/parseFrame] A column of a.csv is chosen twice');
    expect(() => parse(text, { columns: [] })).toThrow('[tables/parseFrame] No column chosen of a.csv');
    expect(() => parse(text, { minRows: 2 })).toThrow(
      '[tables/parseFrame] Too few rows in a.csv: expected at least 2, got 1.',
    );
    expect(() => parse('a,b\n')).toThrow('[tables/parseFrame] No rows in a.csv');
    expect(() => parse('a,a\n1,2\n')).toThrow('[tables/parseFrame] Two columns of a.csv have the same name');
    expect(() => parse('a,b\n1\n')).toThrow('Line 2 has the wrong number of cells in a.csv');
    expect(() => parseFrame('a.csv', Uint8Array.of(0x67, 0xf6, 0x0a, 0x31))).toThrow('Line 1 is not UTF-8 in a.csv');
  });

  it('a first row of numbers and missing cells does not count as a header', () => {
    expect(parse('1,-,?\n2,3,4\n').columns.map(({ numbers }) => [...numbers])).toEqual([
      [1, 2],
      [NaN, 3],
      [NaN, 4],
    ]);
    expect(parse('x,1\ny,2\n').remarks![1]).toBe(
      'The first line of a.csv is read as the header, although it contains "1". If it is a row, set the option header to no.',
    );
    expect(parse('x,1\ny,2\n', { header: false }).columns[0]!.texts).toEqual(['x', 'y']);
  });
});

describe('the decimal sign of a frame', () => {
  const firstNumbers = (text: string, options?: FrameOptions, name?: string) => [
    ...parse(text, options, name).columns[0]!.numbers,
  ];

  it('the decimal sign is a comma if a number such as 3,5 shows it, and the remark quotes this number', () => {
    const frame = parse('a;b\n3,5;x, y\n4;1.2.2020\n"-,25";z\n1,5e3;v\n');
    expect([...frame.columns[0]!.numbers]).toEqual([3.5, 4, -0.25, 1500]);
    expect(frame.columns[0]!.written).toBeUndefined();
    expect(frame.remarks).toEqual(['a.csv: header a, b; semicolons between cells; decimal comma, as in 3,5.']);
    expect(firstNumbers('a\tb\n3,5\t1\n')).toEqual([3.5]);
    expect(firstNumbers('a\n3,5\n', {}, 'a.tsv')).toEqual([3.5]);
    expect(firstNumbers('a|b\n3,5|1\n', { separator: '|' })).toEqual([3.5]);
  });

  it('the decimal sign is also found in the first line of a file without a header', () => {
    expect(firstNumbers('1,5;2\n2,5;3\n')).toEqual([1.5, 2.5]);
  });

  it.each([
    ['a number with a point', 'a;b\n3,5;1.5\n', '3,5'],
    ['numbers that can have marks of thousands', 'a;b\n1,234;2\n56,789;3\n', '1,234'],
    ['numbers with two marks of thousands', 'a;b\n1,5;2\n1,234,567;3\n', '1,5'],
    ['marks of thousands and points', 'a\tb\n1,5\t2\n1,234.5\t3\n', '1,5'],
  ])('the decimal sign is a point, with a remark, if the file has %s', (_what, text, cell) => {
    const { columns, remarks } = parse(text);
    expect(columns[0]!.texts![0]).toBe(cell);
    expect(remarks!.slice(1)).toEqual([
      `The decimal sign of a.csv is a point, although cells such as ${cell} contain a comma. If the comma is the decimal sign of all columns, set the option decimal to a comma.`,
    ]);
  });

  it('the decimal sign is a point, without a remark, if commas separate cells or an option sets the sign', () => {
    expect(parse('a,b\n"3,5",1\n').columns[0]!.texts).toEqual(['3,5']);
    expect(parse('a,b\n"3,5",1\n').remarks).toHaveLength(1);
    expect(parse('a;b\n3,5;1\n', { decimal: '.' }).columns[0]!.texts).toEqual(['3,5']);
    expect(firstNumbers('a;b\n1,234;2\n', { decimal: ',' })).toEqual([1.234]);
  });
});
