import { FlowError } from '@impflow/core';

/** Limits of one request. */
export interface Limits {
  /** Maximum number of rows in a request. */
  readonly maxRows: number;
  /** Maximum number of bytes in the body of a request. */
  readonly maxBody: number;
  /** Seconds after which the server stops a request and responds with status 503. */
  readonly timeout: number;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };
const MOST_BODY = 2 ** 30;

/** Parses a number of bytes, such as `10mb`. */
export const bytes =
  (option: string) =>
  (text: string): number => {
    const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?b)?$/i.exec(text.trim()) ?? [];
    const size = digits === '' ? NaN : Math.floor(Number(digits) * UNITS[unit.toLowerCase()]!);
    if (size >= 1 && size <= MOST_BODY) return size;
    throw new FlowError('option', 'cli', `Wrong value of ${option}`, {
      expected: 'a size up to 1gb, such as 500kb or 10mb',
      got: `"${text}"`,
      hint: 'See --help.',
    });
  };

/** Returns a number of bytes as text with a unit, such as `10 mb`. */
export const sizeText = (size: number): string => {
  const [unit, one] = (['gb', 'mb', 'kb'] as const)
    .map((name) => [name, UNITS[name]!] as const)
    .find(([, each]) => size >= each) ?? ['bytes', 1];
  return `${Number((size / one).toFixed(1))} ${unit}`;
};
