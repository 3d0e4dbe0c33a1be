import { printable } from '@impflow/tables';
import { withFlags } from './flags.ts';
import type { TextStream } from './stream.ts';
import { WIDTH, wrapped } from './wrapped.ts';

/** Options of every command. */
export interface OutputOptions {
  /** Whether one JSON object is printed instead of text. Default false. */
  readonly json?: boolean;
  /** Whether progress and remarks are left out. Default false. */
  readonly quiet?: boolean;
}

/** Writes the result of a command to standard output: text for people, or one JSON object on the last line. */
export const printResult = ({ json = false }: OutputOptions, result: object, text: () => string): void => {
  process.stdout.write(`${json ? JSON.stringify(result) : text()}\n`);
};

/**
 * Writes a remark to standard error, unless `quiet`. Control characters other than line ends are replaced. On a
 * terminal, long lines are broken between words. In a file, a remark stays one line.
 */
export const note = ({ quiet = false }: OutputOptions, text: string, stream: TextStream = process.stderr): void => {
  if (quiet) return;
  const lines = withFlags(text).split('\n').map(printable).join('\n');
  stream.write(`${stream.isTTY === true ? wrapped(lines, Math.min(WIDTH, stream.columns ?? WIDTH), '  ') : lines}\n`);
};
