interface Weight {
  readonly minified: number;
  readonly gzip: number;
}

/** Sizes of one package, in bytes. */
export interface Measured {
  readonly name: string;
  /** Lines of its program, and the last line of its output. */
  readonly lines: number;
  readonly said: string;
  readonly installed: { readonly own: number; readonly ours: number; readonly all: number };
  readonly bundle?: { readonly own: Weight; readonly withTfjs: Weight };
  /** Bytes that an unused import leaves in a bundle. */
  readonly left?: number;
}

export declare const sizesTable: (measured: readonly Measured[]) => string;
export declare const problemsOf: (
  measured: readonly Measured[],
  budgets: Readonly<Record<string, { readonly installed: number; readonly gzip?: number }>>,
) => readonly string[];
export declare const sizesPage: (
  measured: readonly Measured[],
  versions: { readonly node: string; readonly rolldown: string },
) => string;
