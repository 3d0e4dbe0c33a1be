const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Texts as bytes, with their columns and values. Node and a browser must agree on them. */
export const goodTexts: readonly (readonly [
  what: string,
  name: string,
  bytes: Uint8Array,
  columns: readonly string[],
  values: readonly number[],
])[] = [
  ['commas', 'a.csv', utf8('a,b\n1,2.5\n-3,4e2\n'), ['a', 'b'], [1, 2.5, -3, 400]],
  ['no header', 'a.csv', utf8('1,.5\n+3,4.'), ['x0', 'x1'], [1, 0.5, 3, 4]],
  ['semicolons in a name without extension', 'pasted', utf8('a;b\r\n1;2\r\n'), ['a', 'b'], [1, 2]],
  ['tabs in a .TSV', 'a.TSV', utf8('a;b\tc\n1\t2\n'), ['a;b', 'c'], [1, 2]],
  [
    'a byte order mark, quotes and blank lines',
    'a.csv',
    utf8('\uFEFF"a ""x""","b,\n"\n\n 1 ,"2"\n   \n'),
    ['a "x"', 'b,'],
    [1, 2],
  ],
  ['names in many scripts', 'a.csv', utf8('größe,高さ,🐧\n1,2,3\n'), ['größe', '高さ', '🐧'], [1, 2, 3]],
  ['a replacement character that is part of the text', 'a.csv', utf8('a\uFFFD,b\n1,2\n'), ['a\uFFFD', 'b'], [1, 2]],
];

/** Bytes that are refused, with the message. */
export const badTexts: readonly (readonly [what: string, name: string, bytes: Uint8Array, message: string])[] = [
  ['nothing', 'a.csv', new Uint8Array(0), 'Empty file a.csv: expected a table, got 0 bytes. Check the export.'],
  [
    'binary data',
    'a.csv',
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13),
    'No text in a.csv: expected comma-separated text in UTF-8, got binary data. Export the table as CSV in UTF-8.',
  ],
  [
    'Latin-1 in the header',
    'a.csv',
    Uint8Array.of(0x67, 0xf6, 0x2c, 0x62, 0x0a, 0x31, 0x2c, 0x32),
    'Line 1 is not UTF-8 in a.csv: expected text in UTF-8, got bytes of another encoding. Export the table as CSV in UTF-8.',
  ],
  // "1 000" with a no-break space in Latin-1 as thousands separator.
  [
    'Latin-1 in a number',
    'a.csv',
    Uint8Array.of(...utf8('a,b\r\n1,2\r\n3,'), 0x31, 0xa0, 0x30, 0x30, 0x30),
    'Line 3 is not UTF-8 in a.csv: expected text in UTF-8, got bytes of another encoding. Export the table as CSV in UTF-8.',
  ],
  [
    'a row with a missing cell',
    'a.csv',
    utf8('a,b\n1,2\n\n3\n'),
    'Line 4 has the wrong number of cells in a.csv: expected 2 cells, got 1. Repair that line, or quote cells that hold the delimiter.',
  ],
  [
    'an unclosed quote',
    'a.csv',
    utf8('a,b\n1,2\n1,"2\n3,4\n'),
    'A quote that does not fit in a.csv: expected quoted cells as "a", a quote in one as "", got Quote Not ' +
      'Closed: one that opens after line 2 has no end. Repair that line.',
  ],
  [
    'text',
    'a.csv',
    utf8('a,b,c\n1,2,x\n"\n3",y,4\n'),
    'Text in the column "b" of a.csv, line 4: expected a number, got "y". Repair that cell, or choose numeric columns with the option columns: a',
  ],
  [
    'a cell of a million letters',
    'a.csv',
    utf8(`a,b\n1,${'y'.repeat(1e6)}\n`),
    `Text in the column "b" of a.csv, line 2: expected a number, got "${'y'.repeat(80)}…". ` +
      'Repair that cell, or choose numeric columns with the option columns: a',
  ],
  [
    'characters that act on a terminal',
    'a.csv',
    utf8('a\u001B[2J,b\n1,\u001B[31m\u202E3\n'),
    'Text in the column "b" of a.csv, line 2: expected a number, got "?[31m?3". ' +
      'Repair that cell, or choose numeric columns with the option columns: a?[2J',
  ],
  [
    'a missing cell',
    'a.csv',
    utf8('a,b\n1,2\n3,\n4,NA\n'),
    'A missing value in the column "b" of a.csv, line 3: ' +
      'expected a number, got none there, 2 of 3 missing in all. Fill in or remove those rows.',
  ],
  [
    'Infinity',
    'a.csv',
    utf8('a\n1\nInfinity\n'),
    'Infinity in the column "a" of a.csv, line 3: expected a finite number, got Infinity. Repair or remove that row.',
  ],
  [
    'a header without rows',
    'a.csv',
    utf8('a,b\n'),
    'No rows in a.csv: expected at least 1, got the columns a, b and no row. Check the export.',
  ],
];
