const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** CSV files as bytes, with the columns and values that must be read from them, in Node and in a browser. */
export const goodTexts: readonly (readonly [
  what: string,
  name: string,
  bytes: Uint8Array,
  columns: readonly string[],
  values: readonly number[],
])[] = [
  ['commas', 'a.csv', utf8('a,b\n1,2.5\n-3,4e2\n'), ['a', 'b'], [1, 2.5, -3, 400]],
  ['no header', 'a.csv', utf8('1,.5\n+3,4.'), ['x0', 'x1'], [1, 0.5, 3, 4]],
  ['semicolons in a text whose name has no extension', 'pasted', utf8('a;b\r\n1;2\r\n'), ['a', 'b'], [1, 2]],
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

/** Files that must be refused, as bytes, with the expected error messages. */
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
  // The bytes of "1 000" in Latin-1, with a no-break space as thousands separator.
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
    'A misplaced quote in a.csv: expected quoted cells as "a", a quote within a cell as "", got Quote Not ' +
      'Closed: a quote that opens after line 2 has no end. Repair that line.',
  ],
  [
    'characters that act on a terminal',
    'a.csv',
    utf8('a\u001B[2J\u202E,a\u001B[2J\u202E\n1,2\n'),
    'Two columns of a.csv have the same name: expected different names, got "a?[2J?" twice. Rename one.',
  ],
  [
    'a name of a million letters twice',
    'a.csv',
    utf8(`${'y'.repeat(1e6)},${'y'.repeat(1e6)}\n1,2\n`),
    `Two columns of a.csv have the same name: expected different names, got "${'y'.repeat(80)}…" twice. Rename one.`,
  ],
  [
    'a header without rows',
    'a.csv',
    utf8('a,b\n'),
    'No rows in a.csv: expected at least 1, got the columns a, b and no row. Check the export.',
  ],
];
