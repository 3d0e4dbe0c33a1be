import { printable } from '@impflow/tables';
import { withFlags } from './flags.ts';

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

/** Writes a remark to standard error, unless `quiet`. Control characters other than line ends are replaced. */
export const note = ({ quiet = false }: OutputOptions, text: string): void => {
  if (!quiet) process.stderr.write(`${withFlags(text).split('\n').map(printable).join('\n')}\n`);
};
