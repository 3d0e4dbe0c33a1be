/**
 * Returns the ends of an interval of one standard error around the share `count / total`, as shares. It is Wilson's
 * interval: in contrast to the plain binomial standard error, it has a width for the shares 0 and 1 too. Returns NaN
 * for no rows.
 *
 * @see Edwin B. Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22, 1927.
 */
export const shareInterval = (count: number, total: number): readonly [low: number, high: number] => {
  const share = count / total;
  const middle = (share + 1 / (2 * total)) / (1 + 1 / total);
  const half = Math.sqrt((share * (1 - share)) / total + 1 / (4 * total ** 2)) / (1 + 1 / total);
  return [middle - half, middle + half];
};
