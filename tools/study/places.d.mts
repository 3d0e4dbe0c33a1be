interface Job {
  readonly data: string;
  readonly contender: string;
  readonly seed: number;
}

export declare const runFolder: (job: Job) => string;
export declare const scoresFile: (job: Job) => string;
export declare const readNumbers: (path: string) => readonly number[];
