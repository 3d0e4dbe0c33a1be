interface Weight {
  readonly minified: number;
  readonly gzip: number;
}

/** Of one package, in bytes. */
export interface Measured {
  readonly name: string;
  /** Of its program, and the last that it printed. */
  readonly lines: number;
  readonly said: string;
  readonly installed: { readonly own: number; readonly ours: number; readonly all: number };
  readonly bundle?: { readonly own: Weight; readonly withTfjs: Weight };
  /** Left in a bundle by an import that is not used. */
  readonly left?: number;
}

export declare const sizesTable: (measured: readonly Measured[]) => string;
export declare const problemsOf: (measured: readonly Measured[], budgets: Readonly<Record<string, { readonly installed: number; readonly gzip?: number }>>) => readonly string[];
export declare const sizesPage: (measured: readonly Measured[], versions: { readonly node: string; readonly rolldown: string }) => string;
