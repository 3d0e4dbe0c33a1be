import type { Progress, ProgressOptions } from '../terminal/progress.ts';
import { progress } from '../terminal/progress.ts';

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly backend: string;
  readonly plugin: readonly string[];
}

/** Writes the report of a command: text for people, or one JSON object as the last line of standard output. */
export const report = ({ json = false, quiet = false }: Pick<CommonOptions, 'json' | 'quiet'>, result: object, text: () => string): void => {
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else if (!quiet) process.stdout.write(`${text()}\n`);
};

/** A remark to standard error. */
export const note = ({ quiet = false }: Pick<CommonOptions, 'quiet'>, text: string): void => {
  if (!quiet) process.stderr.write(`${text}\n`);
};

export const progressFor = ({ quiet = false }: Pick<CommonOptions, 'quiet'>, options: Omit<ProgressOptions, 'quiet'>): Progress => progress({ ...options, quiet });
