/**
 * Floating-point operations of the matrix products of net evaluations: the products in `counts`, and a weight gradient
 * for each product of the backward pass.
 *
 * @param {object} work
 * @param {{ forward: number; products: number; backward: number }} work.counts
 * @param {number} work.weights
 * @param {number} work.batch
 */
export const operations = ({ counts: { forward, products, backward }, weights, batch }) =>
  2 * weights * batch * (forward + products + 2 * backward);
