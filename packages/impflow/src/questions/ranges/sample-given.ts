import { FlowError, fold, key } from '@impflow/core';
import {
  assertDrawn,
  assertTemperature,
  drawValues,
  frameOfValues,
  joinedValues,
  pickValues,
  readingFor,
  unitsOf,
  withGiven,
  type Frame,
  type TrainedRecords,
  type Values,
} from '@impflow/tables';
import { frameOfObjects } from '../../rows/frame-of-objects.ts';
import { adapt } from './adapt.ts';
import { bindGiven, type Given } from './bind-event.ts';
import { categoryCases } from './category-cases.ts';
import { drawFrom } from './draw-from.ts';
import type { RowEvent } from './event.ts';
import { holds, type Predicate } from './predicate.ts';
import { proposalOf } from './proposal.ts';
import { effectiveOf, resample } from './resample.ts';
import type { Space } from './space.ts';

/** Options of {@link sampleGiven}. */
interface SampleGivenOptions {
  /** Event that the rows fulfil, and values of the conditions of the model. */
  readonly given?: RowEvent | undefined;
  /** Seed of the draws. */
  readonly seed: number;
  /** Factor by which the draws of the base density are scaled. */
  readonly temperature: number;
}

/** Share of hits from which rows are drawn by rejection. */
const OFTEN = 0.01;
/** Number of rows that are drawn to measure the share of hits, and in each call afterwards. */
const FIRST = 4000;
const BLOCK = 20_000;
/** Effective number of weighted draws for each returned row, if the event is rare. */
const EACH = 10;
/** Largest number of weighted draws. */
const MOST = 400_000;

/**
 * Draws rows that fulfil an event, and returns them as cells of a frame. If at least 1 % of the draws of the model
 * fulfil the event, the other draws are rejected, and the rows are exact draws. The rows of a rarer event are drawn with
 * importance weights, and a tenth of them is chosen by systematic resampling.
 *
 * @throws the errors of `bindGiven` and of `sample` of a model; `convergence` if the event is too rare; `option` for a
 * temperature other than 1 if the event is rare.
 * @see Rubin, Using the SIR algorithm to simulate posterior distributions, 1988.
 */
export const sampleGiven = (
  trained: TrainedRecords,
  count: number,
  { given, seed, temperature }: SampleGivenOptions,
): Frame => {
  const { conditions, event }: Given = bindGiven(given, trained.density.spec.columns);
  const drawKey = key(seed);
  const own = conditions === undefined ? undefined : [conditions];
  if (event === undefined)
    return trained.sample(count, { key: drawKey, temperature, ...(own === undefined ? {} : { given: own }) });
  const values =
    rejected(trained, event, { count, own, seed, temperature }) ??
    resampled(trained, event, { count, own, seed, temperature });
  const { columns } = trained.density.spec;
  const drawn = frameOfValues(values, columns, 'samples');
  return own === undefined ? drawn : withGiven(drawn, frameOfObjects(own, 'given', readingFor(columns)), columns);
};

interface Wanted extends Omit<SampleGivenOptions, 'given'> {
  readonly count: number;
  /** One row of conditions. */
  readonly own: readonly NonNullable<Given['conditions']>[] | undefined;
}

/** Draws rows by rejection. Returns undefined if less than 1 % of the first draws fulfil the event. */
const rejected = (
  { density, conditions }: TrainedRecords,
  event: Predicate,
  { count, own, seed, temperature }: Wanted,
): Values | undefined => {
  assertTemperature(temperature, 'impflow/sample');
  const { spec } = density;
  const kept: Values[] = [];
  let [found, drawn] = [0, 0];
  while (found < count) {
    const rows = drawn === 0 ? FIRST : BLOCK;
    const values = drawValues(density, conditions(rows, own), { key: key(seed), temperature, first: drawn });
    assertDrawn(values, spec, temperature);
    const cells = unitsOf(values, spec.columns, { noisy: true });
    const hits = Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => holds(event, cells, row) === true);
    if (drawn === 0 && hits.length < OFTEN * rows) return undefined;
    kept.push(pickValues(values, hits.subarray(0, count - found)));
    found += Math.min(hits.length, count - found);
    drawn += rows;
  }
  return joinedValues(kept);
};

/** Draws rows of a rare event by importance sampling and resampling. */
const resampled = (
  { density: model, conditions }: TrainedRecords,
  event: Predicate,
  { count, own, seed, temperature }: Wanted,
): Values => {
  if (temperature !== 1)
    throw new FlowError('option', 'impflow/sample', 'A rare event cannot be drawn at this temperature', {
      expected: 'temperature 1',
      got: String(temperature),
      hint: 'Leave the option temperature out, or give a wider event.',
    });
  const row = conditions(1, own);
  const cases = categoryCases(model, row, event, { unseen: false });
  const space: Space = { model, conditions: row, cases, unseen: false };
  const drawKey = fold(key(seed), -1);
  const { parts } = adapt(space, event, fold(drawKey, 0));
  const proposal = proposalOf(space, 0.1, parts);
  const kept: Values[] = [];
  const weights: number[] = [];
  let [drawn, effective] = [0, 0];
  while (effective < EACH * count) {
    const draws = drawFrom(space, proposal, BLOCK, fold(fold(drawKey, 1), drawn));
    const hits = Uint32Array.from({ length: BLOCK }, (_, i) => i).filter(
      (i) => draws.failed[i] === 0 && holds(event, draws.cells, i) === true,
    );
    kept.push(pickValues(draws.values, hits));
    for (const i of hits) weights.push(draws.weights[i]!);
    drawn += BLOCK;
    effective = effectiveOf(Float64Array.from(weights));
    const possible = (effective * MOST) / drawn;
    if (possible < EACH * count) throw tooRare(count, possible / EACH);
  }
  const all = joinedValues(kept);
  return pickValues(all, resample(Float64Array.from(weights), count, fold(drawKey, 2)));
};

const tooRare = (count: number, reached: number): FlowError =>
  new FlowError('convergence', 'impflow/sample', 'The event in the option given is too rare to draw rows', {
    expected: `${MOST} draws that count as ${EACH * count} independent draws of the event`,
    got: `enough for ${Math.floor(reached)} rows`,
    hint: 'Give a wider event, or draw fewer rows.',
  });
