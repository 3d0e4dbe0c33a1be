interface Difference {
  readonly difference: number;
  readonly variance: number;
}

export declare const heldOut: (logDensities: readonly number[]) => {
  readonly nats: number;
  readonly standardError: number;
  readonly rows: number;
  readonly impossible: number;
};
export declare const combined: (differences: readonly Difference[]) => {
  readonly difference: number;
  readonly standardError: number;
  readonly seeds: number;
};
export declare const pairedNats: (other: readonly number[], best: readonly number[]) => Difference;
export declare const ranking: (
  scores: readonly number[],
  normal: number,
) => { readonly auc: number; readonly standardError: number; readonly averagePrecision: number };
export declare const pairedAuc: (other: readonly number[], best: readonly number[], normal: number) => Difference;
