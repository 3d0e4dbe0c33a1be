/** Unit roundoff of float32: the largest relative error of one rounding. */
const ROUNDOFF = 2 ** -24;

/**
 * Returns a bound of the rounding error of sums of `terms` products in float32, relative to the size of the products.
 * A computation exceeds `lambda sqrt(terms)` roundoffs with a probability of at most `2 terms exp(-lambda^2 / 2)`. Here
 * `lambda` is 8, so the probability is 2.5e-14 times `terms`.
 *
 * @see Higham, Mary, A New Approach to Probabilistic Rounding Error Analysis, SIAM J. Sci. Comput. 41, 2019.
 */
export const rounding = (terms: number): number => 8 * Math.sqrt(terms) * ROUNDOFF;

/**
 * Returns the number of terms for {@link rounding} of a net with these parameters: the entries of an event, and the
 * longest sum in each layer. An entry of a result depends on at most `size / smallest dimension` entries of a weight.
 */
export const termsOf = (
  entries: number,
  parameters: readonly { readonly size: number; readonly shape: readonly number[] }[],
): number =>
  parameters.reduce((total, { size, shape }) => total + size / Math.min(...shape.filter((n) => n > 1), size), entries);
