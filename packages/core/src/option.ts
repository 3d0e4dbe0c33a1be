/** Groups of options in `impflow --help` and in the reference. */
export type OptionGroup = 'columns' | 'reading' | 'flow' | 'images' | 'training';

/** Fields of all options. In `help` and `meanings`, names of options and values are between backticks. */
interface OptionBase {
  /** What the option does, as one sentence without a full stop. */
  readonly help: string;
  /** Heading under which `impflow --help` lists the option. */
  readonly group: OptionGroup;
  /** The default in words, if it is not a fixed value. */
  readonly otherwise?: string;
  /**
   * Whether trainings on images have the same option. Default false: trainings on images have no option of this name,
   * or define another option with this name.
   */
  readonly images?: true;
  /**
   * Whether the option may change when a training is resumed. Default: no, because a change would change the results.
   */
  readonly resumable?: true;
}

/** A number. */
export interface RealOption extends OptionBase {
  /** Distinguishes the kinds of options. */
  readonly type: 'real';
  /** Exclusive lower bound of the number. Default: no bound. */
  readonly above?: number;
  /** Exclusive upper bound of the number. Default: no bound. */
  readonly below?: number;
  /** Value if the option is left out. Default: none. */
  readonly default?: number;
}

/** A whole number. */
export interface CountOption extends OptionBase {
  /** Distinguishes the kinds of options. */
  readonly type: 'count';
  /** The least number allowed. */
  readonly least: number;
  /** The largest number allowed. Default: no bound. */
  readonly most?: number;
  /** Value if the option is left out. Default: none. */
  readonly default?: number;
}

/** Whole numbers, such as the widths of layers. */
export interface CountsOption extends OptionBase {
  /** Distinguishes the kinds of options. */
  readonly type: 'counts';
  /** The least value of each number. */
  readonly least: number;
  /** The largest value of each number. */
  readonly most: number;
}

/** A string, such as the name of a column. */
export interface TextOption extends OptionBase {
  /** Distinguishes the kinds of options. */
  readonly type: 'text';
}

/** Strings, such as names of columns. */
export interface TextsOption extends OptionBase {
  /** Distinguishes the kinds of options. */
  readonly type: 'texts';
}

/** An option whose value is one of the given names. */
export interface ChoiceOption extends OptionBase {
  /** Distinguishes the kinds of options. */
  readonly type: 'choice';
  /** The allowed names. */
  readonly values: readonly string[];
  /**
   * Effect of each value. The help prints it after the name of the value. Default: no descriptions, for values whose
   * names explain their effect.
   */
  readonly meanings?: Readonly<Record<string, string>>;
  /** Name if the option is left out. Default: none. */
  readonly default?: string;
}

/** True or false. On the command line it is a flag without a value. */
export interface SwitchOption extends OptionBase {
  /** Distinguishes the kinds of options. */
  readonly type: 'switch';
}

/**
 * A method by its name, or with options: `anderson`, `anderson:memory=8` or
 * `{ name: 'anderson', options: { memory: 8 } }`.
 */
export interface MethodOption extends OptionBase {
  /** Distinguishes the kinds of options. */
  readonly type: 'method';
  /** The registry of the methods. Default: none. */
  readonly registry?: string;
  /** Whether plugins cannot add methods. Default: they can. */
  readonly closed?: true;
  /** Names of methods that are in no registry. Default: none. */
  readonly names?: readonly string[];
  /** Descriptions of some methods, which the help prints after the name. Default: no descriptions. */
  readonly meanings?: Readonly<Record<string, string>>;
  /** Method if the option is left out. Default: none. */
  readonly default?: string;
}

/**
 * An option: its type, its range, its default and one sentence of help. TypeScript types, command-line flags, the help,
 * the schema of a checkpoint, sweeps and the published JSON schema are derived from it.
 */
export type Option =
  | RealOption
  | CountOption
  | CountsOption
  | TextOption
  | TextsOption
  | ChoiceOption
  | SwitchOption
  | MethodOption;

/** Options by name. */
export type Options = Readonly<Record<string, Option>>;

/** A method with its options. */
export interface MethodSpec {
  /** Name of the method. */
  readonly name: string;
  /** Options of the method, as JSON. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The type of the values of an option. */
export type ValueOf<O> = O extends { readonly type: 'choice'; readonly values: readonly (infer Value)[] }
  ? Value
  : O extends { readonly type: 'real' | 'count' }
    ? number
    : O extends { readonly type: 'counts' }
      ? readonly number[]
      : O extends { readonly type: 'texts' }
        ? readonly string[]
        : O extends { readonly type: 'method' }
          ? string | MethodSpec
          : O extends { readonly type: 'switch' }
            ? boolean
            : string;

/** Values of options, each of which may be left out. */
export type ValuesOf<All extends Options> = { readonly [Name in keyof All]?: ValueOf<All[Name]> };

/** Values of options in which each method is written as one string: see `methodText`. */
export type PlainValuesOf<All extends Options> = {
  readonly [Name in keyof All]?: All[Name] extends { readonly type: 'method' } ? string : ValueOf<All[Name]>;
};
