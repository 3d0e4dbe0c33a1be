import { styleText } from 'node:util';

/** The part of `process.stdout` and `process.stderr` that the terminal functions use. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export type Style = Parameters<typeof styleText>[0];

/**
 * Whether to print colors: on a terminal, unless `NO_COLOR` is set and not empty.
 *
 * @see https://no-color.org
 */
const colorful = ({ isTTY = false }: TextStream): boolean => isTTY && (process.env['NO_COLOR'] ?? '') === '';

/** The text in a style if the stream shows colors, otherwise unchanged. */
export const paint = (style: Style, text: string, stream: TextStream): string =>
  colorful(stream) ? styleText(style, text, { validateStream: false }) : text;
