/** Floating-point operations of the matrix products of so many evaluations of a net: those of `counts`, and a weight gradient for each of the backward pass. */
export const operations = ({ counts: { forward, products, backward }, weights, batch }) => 2 * weights * batch * (forward + products + 2 * backward);
