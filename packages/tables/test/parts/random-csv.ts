import { bits, fold, type Key } from '@impflow/core';

/** A random CSV file, which may be damaged. */
export interface RandomCsv {
  readonly name: string;
  readonly bytes: Buffer;
}

const pick = <T>(k: Key, among: readonly T[]): T => among[bits(k, 1)[0]! % among.length]!;
const below = (k: Key, n: number): number => bits(k, 1)[0]! % n;

const TEXTS = [
  'red',
  'a, b',
  'c; d',
  'two\nlines',
  'two\r\nlines',
  'say ""hi""',
  "'=1",
  'été',
  '漢字',
  ' padded ',
  '1 000',
];
const MARKS = ['-', '?', 'na', 'none', '...'];
const GAPS = ['', 'NA', 'NaN', 'null', String.raw`\N`];
const ODD = ['01', '00501', '1.50', '+5', '1e3', '12345678901234567890', '-0', '.5', '5.', 'inf', '0.0000001', '1,234'];

/**
 * Returns a random cell for a column of the given kind. Unusual cells are rare, so that the only unusual cell of a
 * column may be in its last row.
 */
const cell = (k: Key, kind: number, comma: boolean): string => {
  const number = (): string => {
    const [word] = bits(fold(k, 1), 1);
    const value = pick(fold(k, 2), [word! % 100, word! / 7, (word! % 1000) / 8, -(word! % 9), word! / 2 ** 32]);
    return comma ? String(value).replace('.', ',') : String(value);
  };
  const rare = below(fold(k, 3), 12);
  if (rare === 0) return pick(fold(k, 4), GAPS);
  if (kind === 0) return number();
  if (kind === 1) return rare < 4 ? pick(fold(k, 4), MARKS) : number();
  if (kind === 2) return rare < 4 ? pick(fold(k, 4), ODD) : number();
  if (kind === 3) return pick(fold(k, 4), TEXTS);
  if (kind === 4) return rare === 1 ? pick(fold(k, 4), [...TEXTS, ...ODD, ...MARKS]) : number();
  return pick(fold(k, 4), [...MARKS, ...GAPS, '7']);
};

/** Returns a random CSV file with quotes, line breaks within quotes, missing cells, marks, and numbers of all forms. */
export const randomCsv = (k: Key): RandomCsv => {
  const separator = pick(fold(k, 0), [',', ',', ';', '\t', '|']);
  const comma = separator !== ',' && below(fold(k, 1), 2) === 0;
  const newline = pick(fold(k, 2), ['\n', '\n', '\r\n', '\r']);
  const width = 1 + below(fold(k, 3), 4);
  const rows = 1 + below(fold(k, 4), 30);
  const kinds = Array.from(bits(fold(k, 5), width), (word) => word % 6);
  const quotes = below(fold(k, 6), 3);
  const quoted = (at: Key, text: string): string =>
    /["\n\r]/.test(text) || text.includes(separator) || (quotes === 2 && below(at, 3) === 0) ? `"${text}"` : text;
  const lines: string[] = [];
  if (below(fold(k, 7), 4) > 0)
    lines.push(kinds.map((_, j) => quoted(fold(k, 50 + j), j === 1 ? 'b,;\n' : `c${j}`)).join(separator));
  for (let row = 0; row < rows; row++) {
    const r = fold(fold(k, 8), row);
    if (below(fold(r, 100), 10) === 0) lines.push(pick(fold(r, 101), ['', '', ' ']));
    lines.push(
      kinds
        .map((kind, j) => {
          const text = cell(fold(r, j), kind, comma);
          return quotes === 0 && /["\n\r]/.test(text) ? 'plain' : quoted(fold(r, 50 + j), text);
        })
        .join(separator),
    );
  }
  let text = `${below(fold(k, 9), 4) === 0 ? '\uFEFF' : ''}${lines.join(newline)}${pick(fold(k, 10), ['', newline])}`;
  // One of eight files is damaged.
  const at = below(fold(k, 11), text.length);
  if (below(fold(k, 12), 8) === 0)
    text = text.slice(0, at) + pick(fold(k, 13), ['"', separator, newline]) + text.slice(at);
  return { name: separator === '\t' && below(fold(k, 14), 2) === 0 ? 'a.tsv' : 'a.csv', bytes: Buffer.from(text) };
};
