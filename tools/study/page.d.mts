import type { Comparison, Measured } from './compare.mjs';

interface Told extends Measured {
  readonly budget: number;
  readonly parameters?: number | null;
  readonly processorSeconds: number;
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number };
  readonly columns: number;
  readonly logScale: number;
  readonly noise?: Readonly<Record<string, number>>;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly date: string;
}

interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export declare const studyPage: (parts: {
  readonly records: readonly Told[];
  readonly contenders: Readonly<Record<string, { readonly title: string; readonly options?: readonly string[] }>>;
  readonly sources: Readonly<Record<string, unknown>>;
  readonly comparisons: Readonly<Record<string, Comparison>>;
  readonly measurements?: {
    readonly fit?: Readonly<
      Record<'implicit' | 'residual', { readonly parameters: number; readonly maxError: number; readonly rms: number }>
    >;
    readonly images?: readonly {
      readonly title: string;
      readonly models: readonly {
        readonly model: string;
        readonly parameters: number;
        readonly steps: number;
        readonly heldOut: { readonly bitsPerDim: Interval };
      }[];
    }[];
    readonly classes?: readonly {
      readonly title: string;
      readonly models: readonly {
        readonly name: string;
        readonly coeff?: number;
        readonly parameters: number;
        readonly heldOut: { readonly accuracy: Interval };
      }[];
    }[];
  };
  readonly pictures?: readonly { readonly title: string; readonly file: string }[];
}) => string;
