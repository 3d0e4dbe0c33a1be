import { expectAgreement } from './agree.ts';
import { jacobians } from './bijector-derivatives.ts';
import { moved, type Evaluator, type Row } from './bijector-rows.ts';
import { logAbsDet } from './differences.ts';

/** Checks the inverse and the log-determinants at points far from zero. */
export const expectFarOut = (at: Evaluator, inputs: (rows: number) => readonly Row[], kinks: boolean): void => {
  const points = farOut(inputs(FAR.length + VERY_FAR.length));
  expectUndone(at, points.slice(FAR.length), VERY_FAR[0][0]);
  const x = points.slice(0, FAR.length);
  const there = at('forwardWithLogDet', x);
  const back = at('inverseWithLogDet', moved(x, there));
  const width = x[0]!.point.length;
  expectAgreement(
    back.flatMap(({ value }) => value),
    x.flatMap(({ point }) => point),
    { what: 'the inverse of forward', width, tolerance: 1e-3 },
  );
  expectAgreement(
    back.map(({ logDet }) => -logDet),
    there.map(({ logDet }) => logDet),
    { what: 'the negative log-determinant of the inverse', tolerance: 2e-3 },
  );
  const errors = jacobians(at, x).map((jacobian, i) => there[i]!.logDet - logAbsDet(jacobian));
  expectSmall(errors, { what: 'the error of the log-determinant', tolerance: 5e-3, kinks });
};

/** Checks errors of rows. With kinks, differences are wrong for some rows, so the largest third is not checked. */
export const expectSmall = (
  errors: readonly number[],
  { what, tolerance, kinks }: { readonly what: string; readonly tolerance: number; readonly kinks: boolean },
): void => {
  const order = [...errors.keys()].toSorted((a, b) => Math.abs(errors[b]!) - Math.abs(errors[a]!));
  const skipped = new Set(kinks ? order.slice(0, Math.floor(errors.length / 3)) : []);
  expectAgreement(
    errors,
    errors.map(() => 0),
    { what, tolerance, except: (row) => skipped.has(row) },
  );
};

/** Distances of the points from zero, in standard deviations, and whether only one entry is moved. */
const FAR = [
  [4.5, true],
  [-4.5, true],
  [7, true],
  [-7, true],
  [10, true],
  [-10, true],
  [4.5, false],
  [7, false],
] as const;

/** Distances of the points at which only values and log-determinants of the two directions are compared. */
const VERY_FAR = [
  [100, true],
  [-100, true],
] as const;

/** Checks that the inverse undoes forward, and that the log-determinants cancel. `size` is the largest entry. */
const expectUndone = (at: Evaluator, x: readonly Row[], size: number): void => {
  const there = at('forwardWithLogDet', x);
  const back = at('inverseWithLogDet', moved(x, there));
  expectAgreement(
    back.flatMap(({ value }) => value),
    x.flatMap(({ point }) => point),
    { what: `the inverse of forward at a distance of ${size}`, width: x[0]!.point.length, tolerance: 1e-4 * size },
  );
  expectAgreement(
    back.map(({ logDet }) => -logDet),
    there.map(({ logDet }) => logDet),
    { what: `the negative log-determinant of the inverse at a distance of ${size}`, tolerance: 1e-4 * size },
  );
};

/**
 * Moves one entry of each point, or all entries, far from zero. The index of the entry differs from point to point.
 * Signs do not change.
 */
const farOut = (rows: readonly Row[]): readonly Row[] =>
  rows.map((row, i) => {
    const [size, single] = [...FAR, ...VERY_FAR][i]!;
    const { length } = row.point;
    const point = row.point.map((entry, k) => (single ? (k === i % length ? size : entry) : size * Math.sign(entry)));
    return { ...row, point };
  });
