import { printable } from '@impflow/data';

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** The options of the commands that compute. */
export interface ComputingOptions extends CommonOptions {
  /** A name, or `auto`. */
  readonly backend?: string;
  readonly plugin?: readonly string[];
}

/** Writes the result of a command to standard output: text for people, or one JSON object on the last line. */
export const report = ({ json = false }: CommonOptions, result: object, text: () => string): void => {
  process.stdout.write(`${json ? JSON.stringify(result) : text()}\n`);
};

/** A remark to standard error, in which no letter acts on the terminal but the ends of its lines. */
export const note = ({ quiet = false }: CommonOptions, text: string): void => {
  if (!quiet) process.stderr.write(`${text.split('\n').map(printable).join('\n')}\n`);
};
