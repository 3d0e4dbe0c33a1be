import { bitsOf } from '../measure/bits.ts';

/** Unit in which a loss is shown. */
export interface Unit {
  /** Name, such as `nats per row`. */
  readonly name: string;
  /** Number of these units per nat. */
  readonly perNat: number;
}

export const NATS: Unit = { name: 'nats per row', perNat: 1 };

/** Bits per dimension: the unit for images of `dim` numbers. */
export const bitsUnit = (dim: number): Unit => ({ name: 'bits per dimension', perNat: bitsOf(1, dim) });
