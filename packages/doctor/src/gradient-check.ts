import { key, release, scoped, settle, valueAndGradients, type NamedTensors } from '@impflow/core';
import { mean, neg, tensor2d } from '@tensorflow/tfjs-core';
import { giveBack, referenceDirections, referenceFlow, referencePoints, REFERENCE_ROWS } from './reference-flow.ts';
import { REFERENCE, type GradientSummary } from './reference.ts';
import type { GradientCheck } from './report.ts';

/**
 * Largest relative error of a correct gradient. Single precision gives an error of about 1e-5, which comes from
 * rounding in sums and from the tolerance of the solves. A wrong kernel or half precision gives an error of 1e-2 or
 * more.
 */
const TOLERANCE = 1e-3;

/**
 * Compares the gradient of the mean negative log-density of the reference flow on the running backend with float64
 * numbers.
 *
 * @remarks The error is the maximum of several errors. The first is the relative error of the loss. For each parameter
 * there are three more errors: the error of the norm of its gradient, and the errors of the slopes along two directions
 * of random signs. These errors are divided by the norm of the exact gradient. The root mean square of a slope's error
 * over random signs equals the norm of the gradient's error.
 */
export const checkGradient = async (): Promise<GradientCheck> => {
  const flow = referenceFlow();
  const x = tensor2d(referencePoints(), [REFERENCE_ROWS, 2]);
  let found: { readonly value: NamedTensors[string]; readonly gradients: NamedTensors } | undefined;
  try {
    found = await settle(() =>
      scoped(() => valueAndGradients(() => neg(mean(flow.logProb(x, { train: true, key: key(0) }))), flow.parameters)),
    );
    const [loss] = await found.value.data();
    let error = Math.abs(loss! - REFERENCE.loss) / Math.abs(REFERENCE.loss);
    for (const [i, name] of Object.keys(flow.parameters).entries()) {
      const gradient = await found.gradients[name]!.data();
      for (const each of gradientErrors(name, gradient, i)) error = worse(error, each);
    }
    return { ok: error < TOLERANCE, error: Number.isFinite(error) ? error : null, of: 'float64 reference' };
  } finally {
    release([found, x]);
    giveBack(flow);
  }
};

const gradientErrors = (name: string, gradient: ArrayLike<number>, i: number): readonly number[] => {
  const { norm, slopes } = REFERENCE.gradients[name]!;
  const found = summary(gradient, i);
  return [found.norm - norm, ...found.slopes.map((slope, d) => slope - slopes[d]!)].map(
    (difference) => Math.abs(difference) / norm,
  );
};

/** Returns the larger number, or NaN if either number is NaN. */
const worse = (a: number, b: number): number => Math.max(a, b);

/** Computes the norm of the gradient with respect to parameter `i`, and its slopes along the reference directions. */
export const summary = (gradient: ArrayLike<number>, i: number): GradientSummary => {
  const values = Array.from(gradient);
  return {
    norm: Math.sqrt(values.reduce((total, g) => total + g * g, 0)),
    slopes: referenceDirections(values.length, i).map((direction) =>
      values.reduce((total, g, k) => total + g * direction[k]!, 0),
    ),
  };
};
