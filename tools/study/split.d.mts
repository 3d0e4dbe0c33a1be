/** Rows of named columns, row-major. */
interface Rows {
  readonly columns: readonly string[];
  readonly rows: number;
  readonly values: Float32Array;
  readonly source: string;
}

interface Key {
  readonly high: number;
  readonly low: number;
}

interface Parts {
  readonly train: Rows;
  readonly validation: Rows;
  readonly test: Rows;
  readonly steps: Readonly<Record<string, number>>;
}

export declare const gridStep: (values: Float32Array) => number;
export declare const noiseWidth: (values: Float32Array) => number;
export declare const withNoise: (
  table: Rows,
  key: Key,
  known?: Readonly<Record<string, number>>,
) => { readonly table: Rows; readonly steps: Readonly<Record<string, number>> };
export declare const densityParts: (raw: Rows, key: Key, known?: Readonly<Record<string, number>>) => Parts;
export declare const anomalyParts: (
  raw: Rows,
  labels: readonly number[],
  anomaly: number,
  key: Key,
) => Parts & { readonly normal: number };
export declare const toyParts: (
  toy: { readonly name: string; sample(key: Key, rows: number): Float32Array },
  key: Key,
) => Omit<Parts, 'steps'>;
