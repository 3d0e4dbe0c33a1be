export interface Sample {
  readonly images: Float32Array;
  readonly labels: Uint8Array;
}
export interface Digits {
  readonly train: Sample;
  readonly test: Sample;
}
export declare const digits: (options?: { readonly train?: number; readonly test?: number }) => Digits;
