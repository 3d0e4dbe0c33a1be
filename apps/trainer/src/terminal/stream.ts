import { styleText } from 'node:util';

/** What the terminal functions need of `process.stdout` and `process.stderr`. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export type Style = Parameters<typeof styleText>[0];

/** True on a terminal, unless the environment holds a non-empty `NO_COLOR`. @see https://no-color.org */
export const colourful = ({ isTTY = false }: TextStream): boolean => isTTY && (process.env['NO_COLOR'] ?? '') === '';

/** The text in a style where the stream shows colours, as it is elsewhere. */
export const paint = (style: Style, text: string, stream: TextStream): string => (colourful(stream) ? styleText(style, text, { validateStream: false }) : text);
