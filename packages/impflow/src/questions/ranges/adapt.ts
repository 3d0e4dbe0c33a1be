import { fold, type Key } from '@impflow/core';
import { fitMixture, type MixtureModel } from '@impflow/flows';
import { distance, type Predicate } from './predicate.ts';
import { drawFrom, MODEL, type Draws, type Part, type Space } from './space.ts';

/** A proposal that was adapted to an event. */
export interface Adapted {
  /** The part of the proposal that hits the event often. Undefined if the model itself hits the event often enough. */
  readonly part?: Part;
  /** The last draws of the adaptation. */
  readonly last: Draws;
  /** Number of draws of all steps, and how many of them came from the model itself on average. */
  readonly draws: number;
  readonly ofModel: number;
}

/** Share of the draws that are the elite of a step, and share of hits at which the adaptation ends. */
const ELITE = 0.1;
/** Share of the model in the proposals of the steps. */
const OWN = 0.1;
/** Largest number of steps. */
const STEPS = 30;
/** Number of steps without progress after which the adaptation ends. */
const PATIENCE = 4;
/** Factor by which the standard deviations of fitted proposals are widened, so that their tails cover the event. */
const WIDER = 1.2;

/**
 * Adapts a proposal to a rare event by the cross-entropy method with levels: each step draws from the current proposal,
 * takes the tenth of the draws that are nearest to the event, and fits the next proposal to them, weighted by their
 * importance weights. The steps end when a tenth of the draws hit the event.
 *
 * @param enough Share of hits among draws of the model at which no adaptation is needed.
 * @see Rubinstein, Kroese, The Cross-Entropy Method, 2004, algorithm 3.2.
 */
export const adapt = (space: Space, event: Predicate, key: Key, enough: number = ELITE): Adapted => {
  const rows = Math.min(20_000, 2000 + 200 * space.model.layout.numbers.length);
  let last = drawFrom(space, MODEL, rows, fold(key, 0));
  let [part, draws, ofModel]: [Part | undefined, number, number] = [undefined, rows, rows];
  const scales = last.cells.map(spreadOf);
  let [level, idle] = [Infinity, 0];
  for (let step = 1; step <= STEPS; step++) {
    const distances = Float64Array.from({ length: rows }, (_, row) =>
      last.failed[row] === 1 ? Infinity : distance(event, last.cells, row, scales),
    );
    const hits = distances.reduce((sum, each) => sum + Number(each === 0), 0) / rows;
    if (part === undefined && hits >= enough) break;
    const sorted = distances.toSorted();
    const next = hits >= ELITE ? 0 : sorted[Math.floor(ELITE * rows)]!;
    const isFinite = next < Infinity;
    const elite = Uint32Array.from(distances.keys()).filter((row) =>
      isFinite ? distances[row]! <= next : distances[row]! < Infinity,
    );
    const fitted = partOf(space, last, elite, fold(key, -step));
    if (fitted === undefined) break;
    part = fitted;
    if (hits >= ELITE) break;
    idle = next < 0.999 * level ? 0 : idle + 1;
    level = Math.min(level, next);
    if (idle === PATIENCE) break;
    last = drawFrom(space, { own: OWN, parts: [part] }, rows, fold(key, step));
    draws += rows;
    ofModel += OWN * rows;
  }
  return { ...(part === undefined ? {} : { part }), last, draws, ofModel };
};

/** Returns the standard deviation of the finite numbers, or 1. */
const spreadOf = (values: Float64Array): number => {
  const finite = values.filter(Number.isFinite);
  const mean = finite.reduce((sum, value) => sum + value / finite.length, 0);
  const spread = Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2 / finite.length, 0));
  return spread > 0 && spread < Infinity ? spread : 1;
};

/** Fits a part of a proposal to the elite of draws. Returns undefined if the elite is too small. */
const partOf = ({ model, cases }: Space, draws: Draws, elite: Uint32Array, key: Key): Part | undefined => {
  const d = model.layout.numbers.length;
  const rows = elite.filter((row) => draws.weights[row]! > 0);
  const weights = Float64Array.from(rows, (row) => draws.weights[row]!);
  const effective = effectiveOf(weights);
  if (effective < 3) return undefined;
  const points = Float64Array.from(
    { length: rows.length * d },
    (_, i) => draws.points[rows[Math.floor(i / d)]! * d + (i % d)]!,
  );
  const fit = fitMixture(points, {
    dim: d,
    components: effective >= 40 * d ? 3 : 1,
    covariance: effective >= 3 * d ? 'full' : 'diagonal',
    shrinkage: d / (d + effective),
    pooling: 0.2,
    ridge: 0.01,
    weights,
    key,
  });
  const mixture: MixtureModel = { ...fit, factors: fit.factors.map((each) => each / WIDER) };
  const found = new Float64Array(cases.probabilities.length);
  const total = weights.reduce((sum, each) => sum + each, 0);
  rows.forEach((row, i) => (found[draws.cases[row]!]! += weights[i]! / total));
  return { mixture, cases: found };
};

/** Returns the effective number of independent draws among draws with the weights `w`: `(sum w)^2 / sum w^2`. */
export const effectiveOf = (weights: Float64Array): number => {
  const sum = weights.reduce((all, each) => all + each, 0);
  const squares = weights.reduce((all, each) => all + each * each, 0);
  return squares === 0 ? 0 : sum ** 2 / squares;
};
