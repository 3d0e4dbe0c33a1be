import type { Share } from '../../measure/wilson.ts';

/** Test figures of a prediction that does not depend on the image. */
export interface Baseline {
  readonly name: string;
  readonly crossEntropy: number;
  readonly accuracy: Share;
}
