// Written by tools/demo/study.mjs from docs/measured/study.jsonl and docs/measured/study-compared.jsonl. Do not edit.

/** Result of the study for a data set. */
export interface StudyResult {
  /**
   * Loss of the residual model minus loss of the implicit model on test rows, in nats per row. If the number is above 0,
   * the implicit model is better.
   */
  readonly nats: number;
  readonly standardError: number;
  /**
   * Share of the training time from which on the better model stayed ahead on the validation rows: the smallest and the
   * largest share over the seeds. Absent if the difference may be chance.
   */
  readonly from?: readonly [number, number];
}

/** Training time of each model in seconds, and numbers of blocks. */
export const STUDY = { seconds: 60, implicitBlocks: 3, residualBlocks: 6 } as const;

export const RESULTS: Readonly<Record<string, StudyResult>> = {
  'thin-gaussians': { nats: 0.973, standardError: 0.099, from: [0.14, 0.39] },
  earthquakes: { nats: 0.519, standardError: 0.068, from: [0.28, 0.54] },
  'thin-rings': { nats: 0.154, standardError: 0.044, from: [0.44, 0.63] },
  '2spirals': { nats: 0.041, standardError: 0.012, from: [0.27, 0.49] },
  checkerboard: { nats: 0.018, standardError: 0.003, from: [0.47, 0.7] },
  zipcodes: { nats: 0.011, standardError: 0.004, from: [0.73, 0.73] },
  swissroll: { nats: 0.001, standardError: 0.002 },
  pinwheel: { nats: -0.001, standardError: 0.002 },
  moons: { nats: -0.001, standardError: 0.001 },
  '8gaussians': { nats: -0.003, standardError: 0, from: [0.26, 0.78] },
  circles: { nats: -0.003, standardError: 0.002 },
  rings: { nats: -0.031, standardError: 0.033 },
};
