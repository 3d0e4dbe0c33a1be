import type { ModelKind, Race } from './config.ts';
import { RACE_SECONDS } from './config.ts';
import { RESULTS, STUDY, type StudyResult } from './study-numbers.ts';

/** What the study lets a visitor expect of a race. */
export interface Expected {
  readonly words: string;
  /**
   * Seconds of computing between which the final leader is expected to take the lead. Absent if the study does not tell,
   * or if the models do not compute for equal times.
   */
  readonly band?: readonly [number, number];
}

const SET_UP =
  `In our study (${STUDY.implicitBlocks} implicit against ${STUDY.residualBlocks} residual blocks with as many ` +
  `numbers to learn, ${STUDY.seconds} seconds each)`;

/**
 * Returns what the study lets a visitor expect of a race on a data set. Undefined if the study has no race of these two
 * kinds of models.
 */
export const expectedOf = (data: string, kinds: readonly ModelKind[], race: Race): Expected | undefined => {
  if (kinds.length !== 2 || !kinds.includes('implicit') || !kinds.includes('residual')) return undefined;
  const result = RESULTS[data];
  if (result === undefined) return { words: ELSEWHERE };
  const { nats, standardError, from } = result;
  if (Math.abs(nats) <= 2 * standardError) return { words: `${SET_UP} both ended level on these data.` };
  const end = `${SET_UP} the ${nats > 0 ? 'implicit' : 'residual'} model ended ahead by ${inNats(result)}`;
  if (from === undefined) return { words: `${end}.` };
  const when = `${end}: it took the lead for good after ${range(from, 100)} % of the time`;
  if (race !== 'seconds') return { words: `${when}. There both models computed for equal times.` };
  const band = [from[0] * RACE_SECONDS, from[1] * RACE_SECONDS] as const;
  return {
    words: `${when}. Here that is after ${range(band)} of ${RACE_SECONDS} seconds of computing: the band in the chart of losses. Before it, the other one may be ahead.`,
    band,
  };
};

/** Returns a range in whole numbers, such as `28 to 54`. */
const range = ([least, most]: readonly [number, number], factor = 1): string => {
  const [from, to] = [Math.round(factor * least), Math.round(factor * most)];
  return from === to ? `${from}` : `${from} to ${to}`;
};

const inNats = ({ nats, standardError }: StudyResult): string =>
  `${Math.abs(nats)} nats (± ${standardError === 0 ? 'less than 0.001' : standardError})`;

/** What the study found, for data that the study does not contain. */
const ELSEWHERE =
  `${SET_UP} implicit models ended ahead where densities are sharp: eight thin Gaussians by ` +
  `${inNats(RESULTS['thin-gaussians']!)}, earthquakes by ${inNats(RESULTS['earthquakes']!)}. On smooth densities both ended level.`;
