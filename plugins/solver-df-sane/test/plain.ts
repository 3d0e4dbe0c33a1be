/** An accepted iterate of DF-SANE, and the number of evaluations so far. */
export interface Accepted {
  readonly y: readonly number[];
  readonly evaluations: number;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((total, x, i) => total + x * b[i]!, 0);

/** Runs DF-SANE for one sample in float64, with the two nested loops of the paper. */
export const dfSaneAsWritten = (
  F: (y: readonly number[]) => number[],
  start: readonly number[],
  steps: number,
  memory = 10,
  gamma = 1e-4,
  share = 0.1,
): readonly Accepted[] => {
  let [y, image, sigma, evaluations] = [[...start], F(start), 1, 1];
  const first = dot(image, image);
  const merits = [first];
  const path: Accepted[] = [{ y, evaluations }];
  for (let k = 0; path.length <= steps; k++) {
    const [merit, worst, slack] = [
      dot(image, image),
      Math.max(...merits.slice(-memory)),
      (share * first) / (1 + k) ** 2,
    ];
    const direction = image.map((x) => -sigma * x);
    const lengths = [1, 1];
    let next: number[] | undefined;
    while (next === undefined) {
      const seen: number[] = [];
      for (const [i, sign] of [1, -1].entries()) {
        const candidate = y.map((x, j) => x + sign * lengths[i]! * direction[j]!);
        const there = F(candidate);
        evaluations += 1;
        seen[i] = dot(there, there);
        if (seen[i] <= worst + slack - gamma * lengths[i]! ** 2 * merit) {
          next = candidate;
          break;
        }
      }
      if (next !== undefined) break;
      for (const i of [0, 1]) {
        const a = lengths[i]!;
        lengths[i] = Math.max(0.1 * a, Math.min(0.5 * a, (a * a * merit) / (seen[i]! + (2 * a - 1) * merit)));
      }
    }
    const there = F(next);
    const [s, dF] = [next.map((x, j) => x - y[j]!), there.map((x, j) => x - image[j]!)];
    sigma = dot(s, s) / dot(s, dF);
    if (!(Math.abs(sigma) >= 1e-10 && Math.abs(sigma) <= 1e10))
      sigma = Math.min(1e5, Math.max(1, 1 / Math.sqrt(dot(there, there))));
    [y, image] = [next, there];
    merits.push(dot(there, there));
    path.push({ y, evaluations });
  }
  return path;
};
