/** Unit in which a loss is shown. */
export interface Unit {
  /** Name, such as `nats per row`. */
  readonly name: string;
  /** Factor that converts nats to this unit. */
  readonly perNat: number;
}

export const NATS: Unit = { name: 'nats per row', perNat: 1 };

/** Unit of the loss of a classifier. */
export const NATS_PER_IMAGE: Unit = { name: 'nats per image', perNat: 1 };
