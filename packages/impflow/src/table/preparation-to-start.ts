import type { OnEvent } from '../events.ts';
import { FITTED, type Settings } from '../options/settings.ts';
import { number } from '../text/format.ts';
import { FEW_TO_SKETCH, lossOfMixture } from './mixture.ts';
import { rowCount, type Part } from './part.ts';
import { candidates, wordsOf, type Preparation, type Preparations } from './preparation.ts';
import type { TableParts } from './split.ts';

/**
 * A preparation gets a full search for a mixture only if its sketch is worse than the mixture of the chosen preparation
 * by at most this many nats per row. A full search usually gains less.
 */
const CLOSE = 0.2;

/**
 * Returns the preparation from whose mixture a training starts after the flow turned out to be no better than the
 * mixture of the preparation `chosen`. Sketches chose this preparation, and their order may differ from the order of the
 * mixtures that the full searches find: a full search finds more components, and many components can describe the
 * shape that a quantile map removes. So the second best preparation gets a full search too, and the mixture with the
 * lower loss on the validation rows wins. Below `FEW_TO_SKETCH` rows, all preparations already had a full search.
 *
 * @param settings The options of the user. A scaling that the user set is kept.
 * @remarks The search takes up to 10 seconds.
 */
export const preparationToStart = (
  chosen: Preparation,
  preparations: Preparations,
  parts: TableParts,
  train: Part,
  settings: Settings,
  onEvent: OnEvent,
): Preparation => {
  if (rowCount(train) + rowCount(parts.validation) < FEW_TO_SKETCH) return chosen;
  const words = wordsOf(chosen, parts);
  // Whitening does not change the density of a mixture with full covariances.
  const [other] = candidates(preparations, parts, train, settings)
    .filter((each) => each.scaling !== 'whitened' && wordsOf(each, parts) !== words)
    .sort((a, b) => preparations.sketch(b).logLikelihood - preparations.sketch(a).logLikelihood);
  const mixture = preparations.mixture(chosen);
  if (other === undefined || preparations.sketch(other).logLikelihood < mixture.logLikelihood - CLOSE) return chosen;
  const [loss, lossOfChosen] = [preparations.mixture(other), mixture].map((each) =>
    lossOfMixture(each, parts.validation),
  ) as [number, number];
  const taken = loss < lossOfChosen;
  onEvent({
    kind: 'choice',
    of: 'base',
    candidate: `${FITTED}, ${wordsOf(other, parts)}`,
    loss,
    taken,
    text: `Fitted mixture after a full search, ${wordsOf(other, parts)}: loss ${number(loss, 5)} on the validation rows. ${taken ? 'Taken' : 'Not taken'}: with ${words} the loss is ${number(lossOfChosen, 5)}.`,
  });
  return taken ? other : chosen;
};
