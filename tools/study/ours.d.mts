interface Job {
  readonly data: string;
  readonly contender: string;
  readonly seed: number;
}

export declare const ours: (
  options: readonly string[],
) => (
  job: Job,
  rows: { readonly folder: string; readonly seconds: number },
) => Promise<{
  readonly parameters: number;
  readonly unconverged: number;
  readonly curve: readonly (readonly [number, number, number])[];
}>;
