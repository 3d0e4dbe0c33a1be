import { fold, drawPermutation, key, type Key } from '@impflow/core';
import {
  completeRows,
  joinedValues,
  logDensitiesOf,
  pickValues,
  rowKeys,
  type ColumnSpec,
  type TrainedRecords,
  type Values,
} from '@impflow/tables';
import { heldOut } from '../../measure/held-out.ts';
import { costsOf, type Cost } from './costs.ts';
import type { ColumnDrift, Drift, RowCounts } from './drift.ts';
import { featuresOf, type Feature } from './features.ts';
import { ratioPValue } from './ratio.ts';
import { relationsOf } from './relations.ts';
import { PERMUTATIONS, shiftsOf } from './shifts.ts';
import { watch } from './stream.ts';
import { viewsWith } from './views.ts';
import { becauseOf, changeOf, remarksOf } from './words.ts';

/** Largest numbers of rows that are tested. More rows are sampled. */
export const MOST_TESTED = { reference: 10_000, rows: 20_000 } as const;
/** Share of the rate of false alarms that the test of shifts gets. The likelihood ratio gets the rest. */
const SHARE = 0.8;
/** Smallest rate of false alarms that the permutations of the test of shifts can reach. */
export const LEAST_ALPHA: number = 1 / (PERMUTATIONS + 1) / SHARE;
const MOST_PAIRS = 20;

/** Options of {@link compare}. */
interface CompareOptions {
  readonly alpha: number;
  readonly seed: number;
  /** Indices of the new rows in the order of time. Default: the rows are in their order. */
  readonly order?: Uint32Array;
  /** Number of each new row in its table, from 0. Default: its index. */
  readonly numbers?: Uint32Array;
}

/**
 * Compares new rows with reference rows that the model was not trained on. Both are at the middle of their noise
 * intervals, and may have gaps.
 */
export const compare = (
  trained: TrainedRecords,
  reference: Values,
  rows: Values,
  { alpha, seed, order, numbers }: CompareOptions,
): Drift => {
  const { density } = trained;
  const { columns } = density.spec;
  const own = (purpose: number): Key => fold(key(seed), purpose);
  const [old, fresh] = [
    shuffled(reference, own(0)).slice(0, MOST_TESTED.reference),
    shuffled(rows, own(1)).slice(0, MOST_TESTED.rows),
  ];
  const [oldValues, freshValues] = [pickValues(reference, old), pickValues(rows, fresh)];
  const [oldScores, freshScores] = [oldValues, freshValues].map((values) => scored(trained, values)) as [
    Scored,
    Scored,
  ];
  const views = viewsWith(density)(joinedValues([oldValues, freshValues]));
  const features: readonly Feature[] = [
    ...logDensityFeatures(Float64Array.from([...oldScores.compared, ...freshScores.compared])),
    ...featuresOf(views),
  ];
  const shifts = shiftsOf(features, old.length, own(2));
  const ratio = ratioPValue(density.spec, oldValues, freshValues, own(3));
  const pValue = Math.min(1, shifts.pValue / SHARE, (ratio ?? 1) / (1 - SHARE));
  const pairs = relationsOf(views, old.length).map((relation) => ({
    ...relation,
    columns: [columns[relation.columns[0]]!.name, columns[relation.columns[1]]!.name] as const,
  }));
  const stream = streamOf(features, old.length, { fresh, order, numbers, alpha, key: own(4), columns });
  const isAlarm = pValue <= alpha || stream.alarm !== undefined;
  const costs = isAlarm ? costsOf(trained, oldValues, freshValues) : new Map<string, Cost>();
  const found = columns.map((column, j): ColumnDrift => columnDrift(column, j, { features, shifts, costs }));
  const parts = {
    drifted: pValue <= alpha,
    pValue,
    alpha,
    tests: { shifts: shifts.pValue, ratio },
    stream,
    columns: found.toSorted((a, b) => a.pValue - b.pValue || (b.nats || 0) - (a.nats || 0)),
    pairs: pairs.slice(0, MOST_PAIRS),
    nats: differenceOf(oldScores.known, freshScores.known),
    scores: { reference: oldScores.known, rows: freshScores.known },
    counts: { reference: countsOf(reference, oldScores), rows: countsOf(rows, freshScores) },
  };
  return { ...parts, because: becauseOf(parts), remarks: [...rows.remarks, ...remarksOf(parts)] };
};

/**
 * Returns the indices of the rows in random order. The order depends on the cells, so that the same rows in another
 * order give the same rows.
 */
const shuffled = (values: Values, own: Key): Uint32Array => {
  const names = rowKeys(values);
  const sorted = Uint32Array.from(names.keys()).sort((a, b) => names[a]! - names[b]! || a - b);
  return drawPermutation(own, values.rows).map((i) => sorted[i]!);
};

/** The log-densities of the tested rows of a table. */
interface Scored {
  /** Log-densities of the rows without gaps. NaN for a failed solve. */
  readonly known: Float64Array;
  /** For each row, the log-density; -Infinity for a failed solve, NaN for a row with gaps. */
  readonly compared: Float64Array;
}

const scored = ({ density, estimated }: TrainedRecords, values: Values): Scored => {
  const complete = completeRows(values, density.layout);
  const { values: known } = logDensitiesOf(density, density.eventsOf(pickValues(values, complete)), { estimated });
  const compared = new Float64Array(values.rows).fill(NaN);
  complete.forEach((row, i) => (compared[row] = Number.isNaN(known[i]) ? -Infinity : known[i]!));
  return { known: Float64Array.from(known), compared };
};

/**
 * Returns the rank of the log-density among all rows, and the squared distance of the rank from the middle. The second
 * feature shifts if the log-densities spread.
 */
const logDensityFeatures = (compared: Float64Array): readonly Feature[] => {
  const sorted = compared.filter((value) => !Number.isNaN(value)).sort();
  const ranks = new Map(Array.from(sorted, (value, i) => [value, i / sorted.length - 0.5]));
  const values = compared.map((value) => ranks.get(value) ?? NaN);
  return [
    { kind: 'log-density', columns: [], values },
    { kind: 'log-density', columns: [], values: values.map((rank) => rank * rank) },
  ];
};

interface Found {
  readonly features: readonly Feature[];
  readonly shifts: ReturnType<typeof shiftsOf>;
  readonly costs: ReadonlyMap<string, Cost>;
}

const columnDrift = (column: ColumnSpec, j: number, { features, shifts, costs }: Found): ColumnDrift => {
  const own = features.flatMap(({ columns }, f) => (columns.length === 1 && columns[0] === j ? [f] : []));
  const best = own.reduce((least, f) => (shifts.sizes[f]! > shifts.sizes[least]! ? f : least), own[0]!);
  const { nats, standardError, pValue } = costs.get(column.name) ?? { nats: NaN, standardError: NaN, pValue: 1 };
  return {
    column: column.name,
    pValue: shifts.pValues[best]!,
    change: changeOf(features[best]!, column, shifts.differences[best]!),
    nats,
    standardError,
    natsPValue: pValue,
  };
};

interface Streaming {
  readonly fresh: Uint32Array;
  readonly order: Uint32Array | undefined;
  readonly numbers: Uint32Array | undefined;
  readonly alpha: number;
  readonly key: Key;
  readonly columns: readonly ColumnSpec[];
}

/** Largest number of values that are watched. With more features, only single columns are watched. */
const MOST_WATCHED = 3e6;

/** Watches the tested rows in the order of time. */
const streamOf = (
  features: readonly Feature[],
  reference: number,
  { fresh, order, numbers, alpha, key: own, columns }: Streaming,
): Drift['stream'] => {
  const place = new Uint32Array(order === undefined ? 0 : order.length);
  order?.forEach((row, i) => (place[row] = i));
  const at = (i: number): number => (order === undefined ? fresh[i]! : place[fresh[i]!]!);
  const inOrder = Uint32Array.from(fresh.keys()).sort((a, b) => at(a) - at(b));
  const all = reference + fresh.length;
  const used = features.filter(({ columns: own_ }) => own_.length < 2 || features.length * all <= MOST_WATCHED);
  const sorted = used.map((feature) => {
    const values = feature.values.slice();
    inOrder.forEach((i, row) => (values[reference + row] = feature.values[reference + i]!));
    return { ...feature, values };
  });
  const { pValue, alarm, since, feature, evidence } = watch(sorted, reference, { alpha, key: own });
  const numberOf = (row: number): number => (numbers?.[fresh[inOrder[row]!]!] ?? fresh[inOrder[row]!]!) + 1;
  return {
    pValue,
    alarm: alarm === undefined ? undefined : numberOf(alarm),
    since: since === undefined ? undefined : numberOf(since),
    feature: feature === undefined ? undefined : changeOf(used[feature]!, columns),
    rows: Uint32Array.from(inOrder.keys(), numberOf),
    evidence,
  };
};

const differenceOf = (reference: Float64Array, rows: Float64Array): Drift['nats'] => {
  const [old, fresh] = [reference, rows].map((values) => {
    const finite = values.filter(Number.isFinite);
    return heldOut(finite, new Float64Array(finite.length).fill(1));
  });
  return { difference: fresh!.nats - old!.nats, standardError: Math.hypot(fresh!.standardError, old!.standardError) };
};

const countsOf = ({ rows }: Values, { known, compared }: Scored): RowCounts => ({
  all: rows,
  tested: compared.length,
  gaps: compared.length - known.length,
  unsolved: known.filter(Number.isNaN).length,
});
