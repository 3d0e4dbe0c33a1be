interface ThinToy {
  readonly name: string;
  logDensity(x: number, y: number): number;
  /** `[rows, 2]`, row-major. */
  sample(key: { readonly high: number; readonly low: number }, rows: number): Float32Array;
}

export declare const thinGaussians: ThinToy;
export declare const thinRings: ThinToy;
