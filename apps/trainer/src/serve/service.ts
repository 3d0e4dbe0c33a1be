import { key } from '@impflow/core';
import { joinedScores, pickScores } from '@impflow/jobs';
import {
  gapsOf,
  isTargetCategory,
  isTargetNumber,
  joinedValues,
  pickValues,
  withGiven,
  type Frame,
  type NamedReason,
  type ScoredRows,
  type TrainedRecords,
  type Values,
  type FrameColumn,
  type KeepRows,
} from '@impflow/tables';
import type { AnyRow, Drift, DriftOptions } from 'impflow';
import { eventOnRows, keepOf, probabilityOf, type Probability } from 'impflow/run';
import { completedFrame } from '../tables/completed-frame.ts';
import { completionsOf, type Completions } from '../tables/completions.ts';
import { blockQueue, type Part } from './block-queue.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import type { ImputeRequest, ProbabilityRequest } from './read-questions.ts';
import type { SampleRequest } from './read-sample.ts';

/** The run that a server serves. */
export interface Served {
  /** Name of the run, without its folder. */
  readonly name: string;
  readonly trained: TrainedRecords;
  /** Compares rows with rows that the model was not trained on: see `drift` of a model. */
  readonly drift: (rows: Frame, options: DriftOptions<AnyRow>) => Promise<Drift>;
}

/**
 * The computations of a server on its run. Requests share the blocks in which rows are computed. If the signal of a
 * request is aborted, the request ends between two blocks.
 */
export interface Service {
  /** Scores rows. The score of a row does not depend on the rows of other requests. */
  score(rows: Frame, signal: AbortSignal): Promise<ScoredRows>;
  /** Returns how much each column contributes to the log-density of each row. */
  explain(rows: Frame, signal: AbortSignal): Promise<readonly (readonly NamedReason[])[]>;
  /** Fills the gaps of rows. The same seed gives the same rows, regardless of other requests. */
  impute(request: ImputeRequest, signal: AbortSignal): Promise<Filled>;
  /** Estimates a probability. The server does nothing else meanwhile. */
  probability(request: ProbabilityRequest): Probability;
  /** Draws rows. The same seed gives the same rows, regardless of other requests. */
  sample(request: SampleRequest, signal: AbortSignal): Promise<Frame>;
}

/** Rows whose gaps are filled. */
export interface Filled {
  /** The filled rows, once for each draw. */
  readonly frame: Frame;
  /** Indices of the rows that keep their gaps. */
  readonly left: readonly number[];
  readonly remarks: readonly string[];
}

/**
 * Number of log-densities that are computed for the score of a row with gaps (see `scoreRecords`), and for the
 * explanation of a cell (see `explain`), and to fill a row `draws` times (see `impute`),
 * `given` times as many with an event.
 */
const COST = { gaps: 256, reason: 64, filling: (draws: number) => 40 + 10 * draws, given: 10 } as const;
/** Maximum number of waiting requests, if every request has the maximum number of rows. */
const WAITING = 8;

/**
 * Prepares the service, so that the first request is not delayed. The function computes the approximation that fills
 * gaps, and runs code that is compiled on its first run.
 */
export const warmUp = ({ density, scoreValues }: TrainedRecords): void =>
  void scoreValues({ rows: 1, columns: density.spec.columns.map(() => Float64Array.of(NaN)), remarks: [] });

/** Makes the service of a trained run. */
export const serviceOf = (trained: TrainedRecords, { maxRows }: Limits, metrics: Metrics): Service => {
  const { layout } = trained.density;
  const targets = layout.columns.filter((column) => isTargetNumber(column) || isTargetCategory(column)).length;
  const mostWaiting = WAITING * maxRows;
  const counted =
    <In, Out>(route: string, compute: (parts: readonly Part<In>[]) => readonly Out[]) =>
    (parts: readonly Part<In>[]): readonly Out[] => {
      const results = compute(parts);
      metrics.computed(
        route,
        parts.reduce((sum, { count }) => sum + count, 0),
      );
      return results;
    };
  const scores = blockQueue<Values, ScoredRows>({
    compute: counted('/score', (parts) => {
      const found = trained.scoreValues(valuesOfParts(parts));
      metrics.scored(comparable(found));
      return places(parts).map(({ first, count }) => pickScores(found, first, count));
    }),
    costOf: (values, row) => (gapsOf(values, layout, row).length === 0 ? 1 : COST.gaps),
    mostWaiting,
  });
  const reasons = blockQueue<Values, readonly (readonly NamedReason[])[]>({
    compute: counted('/explain', (parts) => {
      const found = trained.explainValues(valuesOfParts(parts));
      return places(parts).map(({ first, count }) => found.slice(first, first + count));
    }),
    costOf: () => COST.reason * targets,
    mostWaiting,
  });
  const fillings = blockQueue<Filling, Completions | Error>({
    // An event that no row can fulfil fails only the request with this event.
    compute: counted('/impute', (parts) => parts.map((part) => filledPart(trained, part))),
    costOf: ({ values, request, keep }, row) =>
      gapsOf(values, layout, row).length === 0
        ? 1
        : (keep === undefined ? 1 : COST.given) * COST.filling(request.draws),
    mostWaiting,
  });
  const draws = blockQueue<Draws, Frame | Error>({
    // Draws may overflow at a high temperature. Only the request with this temperature then fails.
    compute: counted('/sample', (parts) => parts.map((part) => drawnPart(trained, part))),
    costOf: () => 1,
    mostWaiting,
  });
  metrics.watch('/score', scores);
  metrics.watch('/explain', reasons);
  metrics.watch('/impute', fillings);
  metrics.watch('/sample', draws);
  return {
    score: async (rows, signal) => {
      const values = trained.read(rows);
      return joinedScores(await scores.add(values, values.rows, signal), values.remarks);
    },
    explain: async (rows, signal) => {
      const values = trained.read(rows);
      return (await reasons.add(values, values.rows, signal)).flat();
    },
    impute: async (request, signal) => {
      const values = trained.read(request.rows);
      const given = request.given === undefined ? undefined : eventOnRows(trained, request.given, 'serve');
      const keep = given === undefined ? {} : { keep: keepOf(trained, given) };
      const parts = await fillings.add({ request, values, ...keep }, values.rows, signal);
      const [ofRow, left]: [Map<number, readonly (readonly number[])[]>, number[]] = [new Map(), []];
      for (const part of parts) {
        if (part instanceof Error) throw part;
        for (const [row, filled] of part.ofRow) ofRow.set(row, filled);
        left.push(...part.left);
      }
      const { draws: count, rows } = request;
      return {
        frame: completedFrame({ frame: rows, values, density: trained.density, draws: count, ofRow }),
        left,
        remarks: values.remarks,
      };
    },
    probability: ({ event, ...options }) => probabilityOf(trained, event, options),
    sample: async (request, signal) => {
      const { rows, given } = request;
      const parts = await draws.add({ request, conditions: trained.conditions(rows, given) }, rows, signal);
      const drawn = joinedFrames(
        parts.map((part) => {
          if (part instanceof Error) throw part;
          return part;
        }),
      );
      return given === undefined ? drawn : withGiven(drawn, given, trained.density.spec.columns);
    },
  };
};

/** Returns the log-densities of rows without gaps. If a solve failed, the row is less likely than all others. */
const comparable = ({ values, gaps }: ScoredRows): readonly number[] =>
  [...values].flatMap((value, row) => (gaps[row] === 0 ? [Number.isNaN(value) ? -Infinity : value] : []));

const indices = (first: number, count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => first + i);

const valuesOfParts = (parts: readonly Part<Values>[]): Values =>
  joinedValues(parts.map(({ input, first, count }) => pickValues(input, indices(first, count))));

/** Returns the position of each part in the rows of a block: its first row and its number of rows. */
const places = (parts: readonly Part<unknown>[]): readonly { readonly first: number; readonly count: number }[] => {
  let end = 0;
  return parts.map(({ count }) => {
    end += count;
    return { first: end - count, count };
  });
};

/** A request for draws, with its checked conditions. */
interface Draws {
  readonly request: SampleRequest;
  readonly conditions: Values;
}

/** A request to fill gaps, with its values. */
interface Filling {
  readonly request: ImputeRequest;
  readonly values: Values;
  readonly keep?: KeepRows;
}

/** Fills the rows of a part. The indices in the result are the indices of the request. */
const filledPart = (trained: TrainedRecords, { input, first, count }: Part<Filling>): Completions | Error => {
  const { request, values, ...keep } = input;
  const { draws, seed } = request;
  try {
    const part = pickValues(values, indices(first, count));
    const found = completionsOf(trained, part, { draws, seed, first, quiet: true, ...keep });
    return {
      ...found,
      ofRow: new Map([...found.ofRow].map(([row, filled]) => [first + row, filled])),
      left: found.left.map((row) => first + row),
    };
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
};

const drawnPart = (trained: TrainedRecords, { input, first, count }: Part<Draws>): Frame | Error => {
  const { seed, temperature } = input.request;
  try {
    return trained.sampleValues(pickValues(input.conditions, indices(first, count)), {
      key: key(seed),
      temperature,
      first,
    });
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
};

/** Joins the rows of at least one frame. All frames have the same columns. */
const joinedFrames = (frames: readonly Frame[]): Frame => ({
  ...frames[0]!,
  columns: frames[0]!.columns.map((_, j) => joinedColumns(frames.map(({ columns }) => columns[j]!))),
  rows: frames.reduce((sum, { rows }) => sum + rows, 0),
  place: (row) => `row ${row + 1}`,
});

const joinedColumns = (parts: readonly FrameColumn[]): FrameColumn => {
  const texts = (of: 'texts' | 'written'): readonly (string | undefined)[] | undefined =>
    parts.every((part) => part[of] === undefined)
      ? undefined
      : parts.flatMap((part) => part[of] ?? Array.from<undefined>({ length: part.numbers.length }));
  const [own, written] = [texts('texts'), texts('written')];
  return {
    name: parts[0]!.name,
    numbers: Float64Array.from(parts.flatMap(({ numbers }) => [...numbers])),
    ...(own === undefined ? {} : { texts: own }),
    ...(written === undefined ? {} : { written }),
  };
};
