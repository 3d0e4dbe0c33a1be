import { bitsOf } from './bits.ts';

/** How a loss in nats is told. */
export interface Unit {
  /** Such as `nats per row`. */
  readonly name: string;
  /** Such units in a nat. */
  readonly perNat: number;
}

export const NATS: Unit = { name: 'nats per row', perNat: 1 };

/** What losses of images are told in. */
export const bitsUnit = (dim: number): Unit => ({ name: 'bits per dimension', perNat: bitsOf(1, dim) });
