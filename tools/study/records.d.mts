interface Job {
  readonly data: string;
  readonly contender: string;
  readonly seed: number;
}

interface Kept extends Job {
  readonly split: string;
  readonly heldOut?: {
    readonly nats: number;
    readonly standardError: number;
    readonly rows: number;
    readonly impossible: number;
  };
}

interface Wish {
  readonly sources: Readonly<Record<string, { readonly kind: string }>>;
  readonly contenders: Readonly<
    Record<
      string,
      { readonly kinds: readonly string[]; readonly fits?: (source: { readonly kind: string }) => boolean }
    >
  >;
  readonly seeds: readonly number[];
  readonly only?: readonly string[];
  readonly again?: boolean;
  readonly folder?: string;
}

export declare const titleOf: (job: Pick<Job, 'data' | 'contender'>) => string;
export declare const hasRecord: (job: Job, folder?: string) => boolean;
export declare const keepRecord: (record: Kept, folder?: string) => void;
export declare const allRecords: (folder?: string) => readonly Kept[];
export declare const jobsOf: (wish: Wish) => readonly Job[];
