import type { KernelExports } from '#kernels';

/** An array at address `at`, with `bytes` bytes for each active row. */
interface Places {
  readonly at: number;
  readonly bytes: number;
}

/** An iterative solver. The rows that are still being solved are adjacent in memory. */
interface RootMethod {
  /** The number of floats of each buffer that the method needs. */
  readonly floats: readonly number[];
  /**
   * Starts a solve of new rows. The arguments are the addresses of the buffers, and the function that computes
   * Jacobians.
   */
  begin(buffers: readonly number[], tangents: Tangents): RootIteration;
}

/**
 * Writes the Jacobian of g at the `count` rows of the last evaluation, as products with unit vectors:
 * `out[k, b, i] = J_ik`.
 */
export type Tangents = (out: number, count: number) => void;

/** State of a solver while it iterates. */
interface RootIteration {
  /** Address of the iterates `[count, d]`. */
  y(): number;
  /** Address of the function values `F(y) [count, d]` at the iterates. */
  image(): number;
  /**
   * Arrays with data for each active row. When a row is moved in memory, the data of the row in these arrays must also
   * be moved.
   */
  places(): readonly Places[];
  /**
   * Computes the next iterates of `count` rows. The function values at the address `image()` still belong to the
   * previous iterates.
   */
  advance(count: number): void;
}

/**
 * Smallest dimension at which a SIMD vector of the Anderson step contains four numbers of one row. In lower dimensions
 * a vector contains one number of each of four rows. The kernel `ImpflowAnderson` uses the same dimension.
 */
const LONG = 48;

export type RootAttributes = Readonly<
  Record<'memory' | 'damping' | 'regularization' | 'atol' | 'rtol' | 'divergence' | 'maxSteps', number>
> & { readonly method: 'quasi-newton' | 'anderson'; readonly keep: boolean };

/**
 * Anderson acceleration as in `packages/solvers`, for at most `rows` active rows. The method uses the residuals
 * `f(y) - y`, but the function values `F(y) = y - f(y)` have the opposite sign. The damping is therefore passed with
 * the opposite sign. The change of sign does not change the coefficients.
 *
 * @see Walker and Ni, Anderson Acceleration for Fixed-Point Iterations, SIAM J. Numer. Anal. 49, 2011.
 */
export const andersonRoot = (
  call: KernelExports,
  d: number,
  rows: number,
  { memory, damping, regularization }: RootAttributes,
): RootMethod => {
  const history = rows * memory * d;
  const [step, system] =
    d < LONG
      ? [call.andersonLanes, 4 * (2 * d * (memory + 1) + memory * (memory + 1))]
      : [call.andersonRows, 2 * memory * (memory + 1)];
  return {
    floats: [...Array.from({ length: 4 }, () => rows * d), ...Array.from({ length: 4 }, () => history), system],
    begin: ([a0, a1, b0, b1, c0, c1, d0, d1, scratch]) => {
      let [y, other, image, otherImage] = [a0!, a1!, b0!, b1!];
      let [values, newValues, gaps, newGaps] = [c0!, c1!, d0!, d1!];
      let [steps, held] = [0, 0];
      return {
        y: () => y,
        image: () => image,
        places: () => [
          ...[y, image, ...(steps === 0 ? [] : [other, otherImage])].map((at) => ({ at, bytes: 4 * d })),
          ...(held === 0 ? [] : [values, gaps].map((at) => ({ at, bytes: 4 * held * d }))),
        ],
        advance: (count) => {
          if (steps === 0) call.addScaled(y, -damping, image, other, count * d);
          else {
            const k = Math.min(memory, held + 1);
            // The next iterates may overwrite the previous iterates, because each row is read before it is written.
            step(
              y,
              image,
              other,
              otherImage,
              values,
              gaps,
              newValues,
              newGaps,
              other,
              scratch!,
              count,
              d,
              held,
              k,
              -damping,
              regularization,
            );
            [values, newValues, gaps, newGaps] = [newValues, values, newGaps, gaps];
            held = k;
          }
          [y, other] = [other, y];
          [image, otherImage] = [otherImage, image];
          steps += 1;
        },
      };
    },
  };
};

/**
 * One Newton step, then Broyden's updates, as in `packages/solvers`, for at most `rows` active rows.
 *
 * @see Broyden, A Class of Methods for Solving Nonlinear Simultaneous Equations, Math. Comp. 19, 1965.
 */
export const quasiNewtonRoot = (call: KernelExports, d: number, rows: number): RootMethod => ({
  floats: [...Array.from({ length: 4 }, () => rows * d), rows * d * d, rows * d * d, 4 * d * (d + 4)],
  begin: ([y, a, b, move, inverse, jacobian, scratch], tangents) => {
    let [image, before] = [a!, b!];
    let steps = 0;
    return {
      y: () => y!,
      image: () => image,
      places: () => [
        ...[y!, image, ...(steps === 0 ? [] : [before, move!])].map((at) => ({ at, bytes: 4 * d })),
        ...(steps === 0 ? [] : [{ at: inverse!, bytes: 4 * d * d }]),
      ],
      advance: (count) => {
        if (steps === 0) {
          tangents(jacobian!, count);
          call.rootNewton(jacobian!, image, inverse!, move!, scratch!, count, d);
        } else {
          call.addScaled(image, -1, before, before, count * d);
          call.broyden(inverse!, move!, before, image, inverse!, move!, scratch!, count, d);
        }
        call.addScaled(y!, 1, move!, y!, count * d);
        [image, before] = [before, image];
        steps += 1;
      },
    };
  },
});
