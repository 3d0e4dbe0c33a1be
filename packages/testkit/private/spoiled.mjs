// Rows of tables with one wrong cell, for the tests and the measurement of repairs.

/** @typedef {Readonly<Record<string, any>>} Row */

/** @param {readonly number[]} values */
const spread = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

/**
 * Kinds of errors: a slip of the decimal point, a shift by four standard deviations, and the cell of another row, at
 * least two standard deviations away or another category. An error takes the right cell, the cells of the column and a
 * uniform random number. It returns a wrong cell, or undefined if the cell cannot be spoiled.
 *
 * @typedef {(value: any, column: readonly any[], u: number) => any} Spoil
 * @type {Readonly<Record<'slip' | 'shift' | 'other', Spoil>>}
 */
export const SPOILS = {
  slip: (value) => (typeof value === 'number' ? value * 10 : undefined),
  shift: (value, column, u) =>
    typeof value === 'number' ? Math.round(value + (u < 0.5 ? -4 : 4) * spread(column)) : undefined,
  other: (value, column, u) => {
    const width = typeof value === 'number' ? 2 * spread(column) : 0;
    const wrong = column.filter((each) =>
      typeof value === 'number' ? Math.abs(each - value) > width : each !== value,
    );
    return wrong[Math.floor(u * wrong.length)];
  },
};

/**
 * Replaces one cell of random rows of a table by a wrong value.
 *
 * @template {Row} R
 * @param {readonly R[]} rows
 * @param {Spoil} spoil
 * @param {ArrayLike<number>} u Uniform random numbers, three for each result. Results without a wrong cell are left out.
 * @returns {readonly { right: R; row: R; column: string }[]}
 */
export const spoiledRows = (rows, spoil, u) =>
  Array.from({ length: u.length / 3 }, (_, i) => {
    const right = rows[Math.floor(u[3 * i] * rows.length)];
    const columns = Object.keys(right);
    const column = columns[Math.floor(u[3 * i + 1] * columns.length)];
    const wrong = spoil(
      right[column],
      rows.map((each) => each[column]),
      u[3 * i + 2],
    );
    return { right, column, row: { ...right, [column]: wrong } };
  }).filter(({ row, column }) => row[column] !== undefined);

/**
 * Returns rows with a category, three numbers that depend on each other, one of them whole, and a positive number.
 *
 * @param {ArrayLike<number>} z Normal random numbers, four for each row.
 * @param {ArrayLike<number>} u Uniform random numbers, one for each row.
 */
export const syntheticRows = (z, u) =>
  Array.from(u, (share, i) => {
    const [a, b, c, d] = [z[4 * i], z[4 * i + 1], z[4 * i + 2], z[4 * i + 3]];
    const kind = share < 0.5 ? 'a' : share < 0.8 ? 'b' : 'c';
    const center = { a: 0, b: 3, c: -3 }[kind];
    return {
      kind,
      x: center + a,
      y: 10 + 1.6 * a + 1.2 * b + center,
      count: Math.round(50 + 10 * c + 5 * a),
      w: Math.exp(1 + 0.3 * d + 0.2 * b),
    };
  });
