import type { ComputingOptions } from '../commands/context.ts';
import type { ReadingOptions } from '../dataset/source.ts';
import type { Cell } from '../terminal/table.ts';

/** What a command answers: the JSON for programs, the text for people. */
export interface Answer {
  readonly json: object;
  readonly text: () => string;
}

/** Which estimator log-densities come from. */
interface JudgingOptions extends ComputingOptions, ReadingOptions {
  /** Default: as the spec says; else exact up to 256 columns or an image of 64 numbers, then roulette. */
  readonly logdet?: string;
}

export interface EvaluateOptions extends JudgingOptions {
  /** Default: the test data of the run. */
  readonly data?: string;
}

export interface ScoreOptions extends JudgingOptions {
  readonly out?: string;
  readonly force?: boolean;
}

export interface SampleOptions extends ComputingOptions {
  readonly n?: number;
  readonly seed: number;
  readonly temperature: number;
  readonly out?: string;
  readonly force?: boolean;
}

export interface PlotOptions extends ComputingOptions, ReadingOptions {
  /** Data to draw beside the model. Default: the test data of the run. */
  readonly data?: string;
}

/** What the commands on a finished run do: one for each kind of run. */
export interface View {
  /** Held-out figures. */
  evaluate(options: EvaluateOptions): Promise<Answer>;
  /** What the model makes of each row or image of a file. */
  score(file: string, options: ScoreOptions): Promise<Answer>;
  /** Draws of the model. */
  sample(options: SampleOptions): Promise<Answer>;
  /** Draws into the run folder. Returns the files. */
  plot(options: PlotOptions): Promise<readonly string[]>;
  /** What `inspect` tells besides what all runs have. */
  about(): About;
}

export interface About {
  readonly json: object;
  readonly lines: readonly (readonly Cell[])[];
}
