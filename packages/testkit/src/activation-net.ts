import { drawNormal, fold, key, scoped, type Contraction } from '@impflow/core';
import { dense, sequential, type Layer, type LayerTrace } from '@impflow/lipschitz';
import type { Tensor } from '@tensorflow/tfjs-core';
import { values } from './activation-measures.ts';
import { expectAgreement } from './agree.ts';
import { rounding } from './rounding.ts';

/** Inputs and outputs of the dense layers. The activation gets even widths. */
const WIDTHS = [
  [3, 8],
  [8, 6],
  [6, 3],
] as const;

/** Returns three dense layers with the activation between them. */
export const layersWith = (activation: () => Layer): readonly Layer[] => {
  const between = [activation(), activation()];
  const coeff = 0.9 / Math.max(1, between[0]!.lipschitz);
  return WIDTHS.flatMap(([inputs, outputs], i) => [
    dense({ inputs, outputs, coeff, key: fold(key(65), i) }),
    ...between.slice(i, i + 1),
  ]);
};

/** Returns the net of {@link layersWith}. */
export const netWith = (layers: readonly Layer[]): Contraction => sequential([WIDTHS[0][0]], layers);

/** Results of a net, by name. */
type Results = Readonly<Record<string, Float32Array>>;

/** Number of products that form an entry of a result: the widths of the three layers. */
const TERMS = WIDTHS.reduce((total, [inputs, outputs]) => total + Math.max(inputs, outputs), 0);

/**
 * Checks that a net computes what its layers compute, called one by one. A backend may have a kernel for the whole net,
 * which identifies the activation by its `part`.
 */
export const expectNetOfLayers = (activation: () => Layer): void =>
  scoped(() => {
    const layers = layersWith(activation);
    const net = netWith(layers);
    net.refresh({ tolerance: 1e-5 });
    const x = drawNormal(key(96), [7, 3]);
    const [t, w] = [drawNormal(key(97), [2, 7, 3]), drawNormal(key(98), [2, 7, 3])];
    const u = drawNormal(key(99), [7, 3]);
    const [got, wanted] = [ofNet(net, x, u, t, w), ofLayers(layers, x, u, t, w)];
    for (const [what, numbers] of Object.entries(wanted)) {
      const size = Math.max(1, ...numbers.map(Math.abs));
      expectAgreement(got[what]!, numbers, {
        what: `${what} of a net, against its layers called one by one`,
        // The gradients of weights are sums over 7 rows and 2 tangents.
        tolerance: rounding(14 * TERMS) * size,
      });
    }
    for (const owned of [...Object.values(net.parameters), ...Object.values(net.buffers)]) owned.dispose();
  });

const ofNet = (net: Contraction, x: Tensor, u: Tensor, t: Tensor, w: Tensor): Results => {
  const lin = net.linearize(x);
  const pulled = lin.pullback({ value: u, pair: { pushed: lin.push(t), cotangents: w } });
  const found = results(net.apply(x), lin.jvp(t), lin.vjp(w), pulled);
  lin.dispose();
  return found;
};

const ofLayers = (layers: readonly Layer[], x: Tensor, u: Tensor, t: Tensor, w: Tensor): Results => {
  const traces: LayerTrace[] = [];
  const entering: Tensor[] = [t];
  for (const layer of layers) {
    traces.push(layer.trace(traces.at(-1)?.value ?? x));
    entering.push(layer.jvp(traces.at(-1)!, entering.at(-1)!));
  }
  let [cotangent, cotangents] = [u, w];
  const weights: Tensor[] = [];
  for (let i = layers.length - 1; i >= 0; i--) {
    const pulled = layers[i]!.pullback(traces[i]!, cotangent, { tangents: entering[i]!, cotangents });
    [cotangent, cotangents] = [pulled.x, pulled.tangents!];
    weights.unshift(...pulled.weights);
  }
  return results(
    layers.reduce((y, layer) => layer.value(y), x),
    entering.at(-1)!,
    layers.reduceRight((back, layer, i) => layer.vjp(traces[i]!, back), w),
    { x: cotangent, weights },
  );
};

const results = (
  value: Tensor,
  jvp: Tensor,
  vjp: Tensor,
  { x, weights }: { readonly x: Tensor; readonly weights: readonly Tensor[] },
): Results => ({
  'the value': values(value),
  jvp: values(jvp),
  vjp: values(vjp),
  'the pullback': values(x),
  ...Object.fromEntries(weights.map((weight, i) => [`the gradient of weight ${i}`, values(weight)])),
});
