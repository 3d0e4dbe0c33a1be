import { widenMixture, type NormalizingFlow } from '@impflow/flows';

/** Ratio of two factors that are tried one after the other. */
const STEP = 1.05;
/** Most factors that are tried: up to 7. */
const MOST = 40;

/**
 * Widens the fitted mixture that is the base of a flow, as long as that lowers the held-out loss. A density fitted to few
 * rows is narrower than fresh rows are, since the rows that it is fitted to lie closer to it. Returns the factor of the
 * standard deviations, at least 1.
 *
 * @param loss The loss on rows that did not train.
 * @remarks With many rows it costs two validations.
 */
export const widened = async ({ base }: NormalizingFlow, loss: () => Promise<number>): Promise<number> => {
  let [factor, best] = [1, await loss()];
  for (let i = 0; i < MOST; i++) {
    widenMixture(base, STEP);
    const next = await loss();
    // Negated, so that NaN counts as worse.
    if (!(next < best)) {
      widenMixture(base, 1 / STEP);
      break;
    }
    [factor, best] = [factor * STEP, next];
  }
  return factor;
};
