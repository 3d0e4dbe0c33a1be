/** The part of a record that is compared. */
export interface Measured {
  readonly data: string;
  readonly contender: string;
  readonly seed: number;
  readonly split: string;
  readonly heldOut?: { readonly nats: number };
  readonly anomalies?: { readonly auc: number; readonly normal: number };
}

/** Difference of a contender from another on the same rows. */
interface Gap {
  readonly difference: number;
  readonly standardError: number;
  readonly seeds: number;
  readonly of: string;
}

export interface Comparison {
  readonly best: string;
  readonly against: Readonly<Record<string, Gap>>;
  readonly ours: Readonly<Record<string, Gap>>;
  readonly pairs: Readonly<Record<string, Gap>>;
}

export declare const OURS: string;
export declare const PAIRS: readonly (readonly string[])[];
export declare const bestOf: (records: readonly Measured[], loss?: (record: Measured) => number) => string;
export declare const compared: (
  records: readonly Measured[],
  places?: { readonly folder?: string; readonly scores?: (record: Measured) => string },
) => Readonly<Record<string, Comparison>>;
