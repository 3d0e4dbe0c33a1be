export interface Counties {
  readonly ids: readonly number[];
  readonly rates: readonly number[];
  readonly edges: readonly (readonly [number, number])[];
}
export declare const counties: (keep?: (id: number) => boolean) => Counties;
export declare const inTexas: (id: number) => boolean;
