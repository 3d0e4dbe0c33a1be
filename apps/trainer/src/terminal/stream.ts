import { styleText } from 'node:util';

/** The part of `process.stdout` and `process.stderr` that the terminal functions use. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export type Style = Parameters<typeof styleText>[0];

/**
 * Returns whether to print colors: on a terminal, unless `NO_COLOR` is set and not empty.
 *
 * @see https://no-color.org
 */
const colorful = ({ isTTY = false }: TextStream): boolean => isTTY && (process.env['NO_COLOR'] ?? '') === '';

/**
 * Returns the text with the terminal codes of a text style if the stream shows colors. Otherwise returns the unchanged
 * text.
 */
export const paint = (style: Style, text: string, stream: TextStream): string =>
  colorful(stream) ? styleText(style, text, { validateStream: false }) : text;
