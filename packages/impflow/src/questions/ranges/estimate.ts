import { FlowError, fold, type Key } from '@impflow/core';
import type { RecordFlow, Values } from '@impflow/tables';
import { adapt } from './adapt.ts';
import { categoryCases, type CategoryCases } from './category-cases.ts';
import { drawFrom, type Draws } from './draw-from.ts';
import { allOf, holds, negated, type Cells, type Predicate } from './predicate.ts';
import { proposalOf } from './proposal.ts';
import { effectiveOf } from './resample.ts';
import type { Space } from './space.ts';

/** The probability of an event. */
export interface Probability {
  /** Estimate of the probability, in `[0, 1]`. */
  readonly probability: number;
  /**
   * Standard error of the estimate; 0 if the probability is exact, as for events on a few columns of categories. If no
   * draw hit the event, the standard error that a single hit would have.
   */
  readonly standardError: number;
  /**
   * Lower end of an interval that covers the probability in 95 % of all seeds. If no draw hit the event, 0 or an exact
   * part.
   */
  readonly low: number;
  /** Upper end of the interval. If no draw hit the event, a bound: a larger probability would have been hit with 95 %. */
  readonly high: number;
  /** Number of rows that were drawn; 0 if the probability is exact. */
  readonly draws: number;
  /** Effective number of independent hits of the event, or of `given` if it was hit less often. Infinity if exact. */
  readonly effective: number;
  /** Number of draws whose solve failed. They count as misses, and their share is added to the standard error. */
  readonly failed: number;
  /** Whether the standard error can be relied on: at least 100 effective hits, and few failed solves. */
  readonly reliable: boolean;
}

/** A question for a probability. */
export interface Question {
  /** The density. */
  readonly model: RecordFlow;
  /** One row of conditions. */
  readonly conditions: Values;
  readonly event: Predicate;
  /** The event that is given. Default: the event that always holds. */
  readonly given?: Predicate;
  /** Number of draws of the final estimate. */
  readonly draws: number;
  /** Key of the random numbers. */
  readonly key: Key;
}

/** Share of the model in the proposal of the final estimate. */
const OWN = 0.2;
/** Effective number of hits from which the standard error is reliable. */
const RELIABLE = 100;
/** Standard errors of an interval of 95 %, and the probability that it misses. */
const NORMAL = 1.96;
const MISSED = 0.05;

/**
 * Estimates `P(event | given)` of a model. Combinations of categories that decide the event are summed exactly. The
 * others are drawn from a mixture of the model and of proposals that are adapted to the event and to `given`, and the
 * probability is a ratio of weighted means. Its standard error follows from the delta method.
 *
 * @remarks Costs `draws` draws of the model, and for each rare event up to some 100,000 draws that adapt a proposal to it.
 * @throws `input` if no draw fulfils `given`.
 * @see Rubinstein, Kroese, The Cross-Entropy Method, 2004; Owen, Monte Carlo theory, methods and examples, 2013, chapter
 * 9, for ratios and defensive mixtures.
 */
export const estimate = (question: Question, mayFlip = true): Probability => {
  const { model, conditions, event, given, draws, key } = question;
  const both = allOf(given, event)!;
  const { exact, open } = dividedCases(question, both);
  if (open === undefined) {
    if (exact.given === 0) throw impossible();
    const probability = Math.min(1, exact.both / exact.given);
    return {
      probability,
      standardError: 0,
      low: probability,
      high: probability,
      draws: 0,
      effective: Infinity,
      failed: 0,
      reliable: true,
    };
  }
  const space: Space = { model, conditions, cases: open.cases, unseen: true };
  const forGiven = given === undefined ? undefined : adapt(space, given, fold(key, 1));
  const pilot =
    (forGiven?.parts ?? []).length === 0
      ? undefined
      : drawFrom(space, proposalOf(space, OWN, forGiven!.parts), 2000, fold(key, 5));
  const forBoth = adapt(space, both, fold(key, 2));
  if (mayFlip && isMostly(pilot ?? forGiven?.first ?? forBoth.first, both, given)) {
    // Draws that miss the event are rarer than draws that hit it, so the opposite event needs the proposal.
    const found = estimate({ ...question, event: negated(event) }, false);
    return { ...found, probability: 1 - found.probability, low: 1 - found.high, high: 1 - found.low };
  }
  const adaptations = [forGiven, forBoth].filter((each) => each !== undefined);
  const proposal = proposalOf(
    space,
    OWN,
    adaptations.flatMap((each) => each.parts),
  );
  const last = drawFrom(space, proposal, draws, fold(key, 3));
  const used = adaptations.reduce((sum, each) => sum + each.draws, draws + (pilot === undefined ? 0 : 2000));
  const ofModel = proposal.own * draws + forBoth.ofModel;
  return { ...ratioOf(last, { both, given, exact, open, ofModel }), draws: used };
};

interface DividedCases {
  /** Probability of the combinations of categories that decide the events, and that fulfil them. */
  readonly exact: { readonly both: number; readonly given: number };
  /** The other combinations, or undefined if all combinations decide the event. */
  readonly open?: OpenCases;
}

interface OpenCases {
  readonly cases: CategoryCases;
  /** Their probability. */
  readonly total: number;
  /** Whether `given` holds for all of them, whatever the numbers are. */
  readonly givenHolds: boolean;
}

/** Divides the combinations of categories by whether they decide the events before the numbers are known. */
const dividedCases = ({ model, conditions, given }: Question, both: Predicate): DividedCases => {
  const cases = categoryCases(model, conditions, both, { unseen: true });
  const { columns, codes, probabilities } = cases;
  const unknown = new Float64Array(probabilities.length).fill(NaN);
  const cells: Cells = model.spec.columns.map((_, j) => codes[columns.indexOf(j)] ?? unknown);
  const exact = { both: 0, given: 0 };
  const open: number[] = [];
  let givenHolds = true;
  probabilities.forEach((probability, at) => {
    const [isBoth, isGiven] = [holds(both, cells, at), holds(given, cells, at)];
    if (isBoth !== undefined && isGiven !== undefined) {
      if (isBoth) exact.both += probability;
      if (isGiven) exact.given += probability;
      return;
    }
    open.push(at);
    if (isGiven !== true) givenHolds = false;
  });
  if (open.length === 0) return { exact };
  const chosen = Float64Array.from(open, (at) => probabilities[at]!);
  return {
    exact,
    open: {
      cases: { columns, codes: codes.map((each) => Float64Array.from(open, (at) => each[at]!)), probabilities: chosen },
      total: chosen.reduce((sum, each) => sum + each, 0),
      givenHolds,
    },
  };
};

/** Whether more than half of the weight of the draws that fulfil `given` fulfils both events. */
const isMostly = (draws: Draws, both: Predicate, given: Predicate | undefined): boolean => {
  const sum = (event: Predicate | undefined): number =>
    draws.weights.reduce((all, weight, row) => all + weight * Number(isHit(draws, event, row)), 0);
  return sum(both) > 0.5 * sum(given);
};

const isHit = ({ cells, failed }: Draws, event: Predicate | undefined, row: number): boolean =>
  failed[row] === 0 && holds(event, cells, row) === true;

interface RatioArguments extends Omit<DividedCases, 'open'> {
  readonly both: Predicate;
  readonly given: Predicate | undefined;
  readonly open: OpenCases;
  /** Number of draws of the model itself. */
  readonly ofModel: number;
}

const ratioOf = (draws: Draws, { both, given, exact, open, ofModel }: RatioArguments): Omit<Probability, 'draws'> => {
  const { weights, failed } = draws;
  const n = weights.length;
  const isGivenKnown = open.givenHolds;
  const hits = weights.map((weight, row) => (isHit(draws, both, row) ? weight : 0));
  const givens = isGivenKnown ? undefined : weights.map((weight, row) => (isHit(draws, given, row) ? weight : 0));
  const numerator = exact.both + open.total * meanOf(hits);
  const denominator = exact.given + open.total * (givens === undefined ? 1 : meanOf(givens));
  if (denominator === 0) throw impossible();
  const probability = Math.min(1, numerator / denominator);
  const parts = hits.map((hit, row) => hit - probability * (givens?.[row] ?? 0));
  const mean = meanOf(parts);
  const variance = parts.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1);
  const lost = (open.total * meanOf(weights.map((weight, row) => weight * failed[row]!))) / denominator;
  const effective = Math.min(effectiveOf(hits), givens === undefined ? Infinity : effectiveOf(givens));
  const common = { probability, effective, failed: failed.reduce((sum, each) => sum + each, 0) };
  if (!hits.some((hit) => hit > 0)) {
    const scale = open.total / denominator;
    const high = Math.min(1, probability + lost + scale * (1 - MISSED ** (1 / ofModel)));
    return { ...common, standardError: scale / ofModel + lost, low: probability, high, reliable: false };
  }
  const standardError = Math.hypot((open.total * Math.sqrt(variance / n)) / denominator, lost);
  return {
    ...common,
    standardError,
    ...intervalOf(probability, standardError),
    reliable: effective >= RELIABLE && lost <= standardError / 2,
  };
};

/** Returns the interval of 95 % that is symmetric on the scale of `log(p / (1 - p))`, so that it lies in `[0, 1]`. */
const intervalOf = (p: number, error: number): Pick<Probability, 'low' | 'high'> => {
  if (p >= 1 || error === 0) return { low: Math.max(0, p - NORMAL * error), high: Math.min(1, p) };
  const [center, half] = [Math.log(p / (1 - p)), (NORMAL * error) / (p * (1 - p))];
  const back = (x: number): number => 1 / (1 + Math.exp(-x));
  return { low: back(center - half), high: back(center + half) };
};

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const impossible = (): FlowError =>
  new FlowError('input', 'impflow/probability', 'The event in the option given has no probability', {
    expected: 'an event that some rows fulfil',
    got: 'no draw of the model that fulfils it',
    hint: 'Give a wider event.',
  });
