import { parseFrame } from '@impflow/tables';
import { describe, expect, it } from 'vitest';

const read = (text: string, options = {}): { names: readonly string[]; rows: number; remarks: readonly string[] } => {
  const { columns, rows, remarks = [] } = parseFrame('a.csv', new TextEncoder().encode(text), options);
  return { names: columns.map(({ name }) => name), rows, remarks: remarks.slice(1) };
};
const refusal = (text: string, options = {}): string => {
  try {
    return `read: ${read(text, options).names.join(',')}`;
  } catch (error) {
    return (error as Error).message.replace('[tables/readFrame] ', '');
  }
};
const skipped = (count: string): string => `${count} of comments before the header of a.csv`;

describe('comments before the header of a CSV', () => {
  it.each([
    ['a line', '# Station 7\nx,y\n1,2\n3,4\n', ['x', 'y'], 'One line'],
    ['lines, and blank lines between them', '#one\n\n# two, three\r\n\r\nx,y\r\n1,2\r\n', ['x', 'y'], '2 lines'],
    ['a line after a byte order mark', '\uFEFF# Station 7\nx,y\n1,2\n', ['x', 'y'], 'One line'],
    ['a line with as many cells as the header', '# Zurich, 2024\nx,y\n1,2\n3,4\n', ['x', 'y'], 'One line'],
    ['a line that a spreadsheet has filled up', '# Station 7,,\nx,y,z\n1,2,3\n', ['x', 'y', 'z'], 'One line'],
    ['a line above a table without a header', '# Station 7\n1,2\n3,4\n', ['x0', 'x1'], 'One line'],
    ['a line with another separator', '# a, b and c\nx;y\n1;2\n', ['x', 'y'], 'One line'],
    ['a line above a single column', '# Station 7\nx\n1\n2\n', ['x'], 'One line'],
    ['a line above a single column of texts', '# Station 7\nname\nBo\n', ['name'], 'One line'],
    ['a line with a quote', '# 5" pipes\nx,y\n1,2\n', ['x', 'y'], 'One line'],
    ['lines above a header that begins with #', '##format=1\n#CHROM\tPOS\nchr1\t5\n', ['#CHROM', 'POS'], 'One line'],
  ])('%s: comments are skipped, and a remark counts them', (_, text, names, count) => {
    const found = read(text);
    expect(found.names).toEqual(names);
    expect(found.remarks[0]).toContain(skipped(count));
  });

  it.each([
    ['the header of numpy.savetxt', '# x,y\n1,2\n3,4\n', ['# x', 'y']],
    ['a header whose first name is #', '#,name,city\n1,Bo,Rome\n2,Al,Oslo\n', ['#', 'name', 'city']],
    ['rows that begin with #', 'color,n\n#ff0000,1\n#00ff00,2\n', ['color', 'n']],
    ['a table in which each line begins with #', '#ff0000,1\n#00ff00,2\n', ['#ff0000', '1']],
  ])('%s is not skipped', (_, text, names) => {
    const found = read(text);
    expect([found.names, found.remarks.filter((remark) => remark.includes('comments'))]).toEqual([names, []]);
  });

  it('errors and places name the lines of the whole file', () => {
    expect(refusal('# one\n# two\nx,y\n1,2\n1\n')).toContain('Line 5 has the wrong number of cells in a.csv');
    const frame = parseFrame('a.csv', new TextEncoder().encode('# one\n\nx,y\n1,2\n3,4\n'));
    expect([frame.place(0), frame.place(1)]).toEqual(['line 4', 'line 5']);
  });
});

describe('a title above a CSV', () => {
  it.each([
    ['', 'Sales 2024\nx,y\n1,2\n3,4\n', {}, 'Line 1', '2 cells, as in line 2, got one cell, "Sales 2024"'],
    [', above semicolons', 'Sales 2024\nx;y;z\n1;2;3\n', {}, 'Line 1', '3 cells, as in line 2'],
    [', below comments', '# a\nSales 2024\n\nx\ty\n1\t2\n', {}, 'Line 2', '2 cells, as in line 4'],
    [', with the option `separator`', 'Sales 2024\nx,y\n1,2\n', { separator: ',' }, 'Line 1', '2 cells, as in line 2'],
    [', which a spreadsheet fills with commas', 'Sales,,\n,,\nx,y,z\n1,2,3\n', {}, 'Line 1', '3 cells, as in line 3'],
    [', in a table of two lines', 'Sales 2024\n1,2\n', {}, 'Line 1', '2 cells, as in line 2'],
  ])('a title%s is refused with a message that says what to do', (_, text, options, line, said) => {
    expect(refusal(text, options)).toContain(
      `${line} looks like a title, not like a header, in a.csv: expected ${said}`,
    );
    expect(refusal(text, options)).toMatch(/Delete line \d, or write # before it\./);
  });

  it('a list of SAP with bars is refused with the separator to set, also if its numbers have commas', () => {
    const lines = Array.from({ length: 8 }, (_, i) => `|A${i} |  1,5${i}|`);
    expect(refusal(`List\n----\n|Material|Menge|\n${lines.join('\n')}\n`)).toContain(
      'The lines contain bars: set the option separator to "|".',
    );
    expect(refusal(`|M|Menge|\n${lines.join('\n')}\nTotal, 5\n`)).toContain('Line 10 has the wrong number of cells');
    expect(refusal(`|M|Menge|\n${lines.join('\n')}\n`)).toMatch(/^read: /);
    expect(refusal('a,b\n1,2\n3\n')).toContain('Repair that line');
    expect(refusal('"a, b",,\n1,2,3\n4,5,6\n')).toMatch(/^read: /);
  });

  it.each<readonly [what: string, text: string, options: object]>([
    ['one column', 'x\n1\n2\n', {}],
    ['one column of texts with a comma in quotes', 'x\n"a, b"\n"c, d"\n', {}],
    ['one column of numbers with a decimal comma', 'x\n1,5\n2,5\n', { decimal: ',' }],
    ['one column of texts, some with a semicolon', 'x\na; b\nc\n', {}],
  ])('%s is not refused', (_, text, options) => {
    expect(refusal(text, options)).toBe('read: x');
  });
});
