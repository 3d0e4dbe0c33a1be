/** Share below which a component ignores a row, as in packages/flows/assembly/em.ts. */
const LEAST_SHARE = 1e-12;

/**
 * A pass of the EM algorithm over rows. All arguments are addresses in bytes, but for `strips`, `d`, `K`, `kind`,
 * `stride` and `moments`. The comment of `pass` in packages/flows/assembly/em.ts describes them. Returns the number of
 * multiplications.
 */
export type Pass = (
  x: number,
  strips: number,
  d: number,
  K: number,
  kind: number,
  factors: number,
  stride: number,
  means: number,
  constants: number,
  floor: number,
  weights: number,
  nearest: number,
  likeliest: number,
  logProbs: number,
  fixed: number,
  moments: number,
  totals: number,
  firsts: number,
  seconds: number,
  scratch: number,
) => number;

/**
 * Returns the function `pass` of packages/flows/assembly/em.ts in TypeScript, for platforms without WebAssembly, and
 * for rows that do not fit into its memory. It evaluates every component at every row, so it takes several times as
 * long.
 */
export const plainPass = (buffer: ArrayBuffer): Pass => {
  const reals = new Float64Array(buffer);
  const integers = new Int32Array(buffer);
  return (
    x,
    strips,
    d,
    K,
    kind,
    factors,
    stride,
    means,
    constants,
    floor,
    weights,
    _nearest,
    likeliest,
    logProbs,
    fixed,
    moments,
    totals,
    firsts,
    seconds,
  ) => {
    const gap = new Float64Array(d);
    const joints = new Float64Array(K);
    let row = 0;
    const setGap = (k: number): void => {
      const begin = x / 8 + Math.floor(row / 8) * d * 8 + (row % 8);
      for (let j = 0; j < d; j++) gap[j] = reals[begin + 8 * j]! - reals[means / 8 + k * d + j]!;
    };
    /** Returns `|A (x - mean)|^2` of the current row. */
    const square = (k: number): number => {
      const factor = (factors + k * stride) / 8;
      let sum = 0;
      for (let i = 0; i < d; i++) {
        let y = 0;
        if (kind === 1) y = reals[factor + i]! * gap[i]!;
        else for (let j = 0; j <= i; j++) y += reals[factor + i * d + j]! * gap[j]!;
        sum += y * y;
      }
      return sum;
    };
    /** Adds the moments of the current row around mean `k`. The sums of second moments begin at number `second`. */
    const addMoments = (k: number, share: number, kindOfMoments: number, second: number): void => {
      setGap(k);
      reals[totals / 8 + 2 * k]! += share;
      for (let i = 0, at = second; i < d; i++) {
        const term = share * gap[i]!;
        reals[firsts / 8 + 2 * (k * d + i)]! += term;
        if (kindOfMoments === 1) continue;
        for (let j = kindOfMoments === 2 ? i : 0; j <= i; j++, at += 2) reals[at]! += term * gap[j]!;
      }
    };
    const size = moments === 3 ? d * (d + 1) : 2 * d;
    for (row = 0; row < 8 * strips; row++) {
      const own = reals[floor / 8 + row]!;
      let top = own;
      let found = 0;
      for (let k = 0; k < K; k++) {
        setGap(k);
        const joint = reals[constants / 8 + k]! - square(k) / 2;
        joints[k] = joint;
        if (joint > joints[found]!) found = k;
        if (joint > top) top = joint;
      }
      const over = (value: number): number => (value === -Infinity ? 0 : Math.exp(value - top));
      const least = over(own);
      const all = joints.reduce((sum, joint) => sum + over(joint), least);
      integers[likeliest / 4 + row] = found;
      reals[logProbs / 8 + row] = top + Math.log(all);
      reals[fixed / 8 + row] = least / all;
      if (moments === 0) continue;
      const weight = reals[weights / 8 + row]!;
      for (let k = 0; k < K; k++) {
        const share = (weight / all) * over(joints[k]!);
        if (!(share < LEAST_SHARE)) addMoments(k, share, moments, seconds / 8 + k * size);
      }
      if (moments === 1) addMoments(K, weight * (1 - least / all), 3, seconds / 8);
    }
    return 8 * strips * K * ((kind === 0 ? (d * d) / 2 : 2 * d) + (moments === 3 ? (d * d) / 2 : 2 * d) + 20);
  };
};
