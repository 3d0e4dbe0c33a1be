import { contextOf, logCategories, numbersOf, type Json, type Row } from './columns.ts';
import {
  dot,
  apply,
  transposed,
  product,
  combined,
  identity,
  scaledRows,
  scaledColumns,
  sum,
  solved,
  logSumExp,
  type Matrix,
  type Vector,
} from './matrices.ts';

/**
 * Scores rows of a table in float64 from the bytes of a checkpoint. Written from docs/guide/mathematics.md alone: the
 * files of this program import nothing else. It covers tables with categories, conditions, dates and quantile maps; a part of the page that
 * it does not cover throws.
 */

// --- The file ---

interface File {
  readonly spec: Json;
  /** Returns a parameter by its path, as a list of numbers row by row. */
  readonly numbers: (path: string) => Vector;
  readonly matrix: (path: string) => Matrix;
  readonly has: (path: string) => boolean;
}

const read = (bytes: Uint8Array): File => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const header: Json = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const best = Object.keys(header).some((name) => name.startsWith('best.parameters.'));
  const entry = (path: string): Json => header[`${best ? 'best.' : ''}parameters.${path}`];
  const numbers = (path: string): Vector => {
    const [from, to] = entry(path).data_offsets as [number, number];
    return Array.from({ length: (to - from) / 4 }, (_, i) => view.getFloat32(8 + length + from + 4 * i, true));
  };
  const matrix = (path: string): Matrix => {
    const [rows, columns] = entry(path).shape as [number, number];
    const all = numbers(path);
    return Array.from({ length: rows }, (_, i) => all.slice(i * columns, (i + 1) * columns));
  };
  return {
    spec: JSON.parse(header['__metadata__'].impflow).spec,
    numbers,
    matrix,
    has: (path) => entry(path) !== undefined,
  };
};

// --- Sandwich nets ---

interface Net {
  readonly value: (x: Vector, c: Vector) => Vector;
  /** Derivatives of the value with respect to `x`. */
  readonly jacobian: (x: Vector, c: Vector) => Matrix;
}

const ACTIVATIONS: Readonly<Record<string, readonly [(a: number) => number, (a: number) => number]>> = {
  tanh: [Math.tanh, (a) => 1 - Math.tanh(a) ** 2],
  snake: [(a) => (a + Math.sin(2 * Math.PI * a) / (2 * Math.PI)) / 2, (a) => (1 + Math.cos(2 * Math.PI * a)) / 2],
};

const sandwich = (file: File, path: string, spec: Json): Net => {
  if (spec.kind !== 'sandwich') throw new Error(`another net: ${spec.kind}`);
  const [s, slope] = ACTIVATIONS[spec.activation?.name ?? 'snake']!;
  const K = spec.hidden.length as number;
  const at = (k: number, name: string): string => `${path}.layers.${2 * k}.${name}`;
  const parts = Array.from({ length: K + 1 }, (_, k) => {
    const [G, Y] = [file.matrix(at(k, 'weight')), file.matrix(at(k, 'skew'))];
    const I = identity(G.length);
    const skew = combined(Y, transposed(Y), (a, b) => a - b);
    const inside = combined(
      combined(I, skew, (a, b) => a + b),
      product(G, transposed(G)),
      (a, b) => a + b,
    );
    const N = solved(inside, I).X;
    return {
      A: combined(N, I, (a, b) => 2 * a - b),
      B: product(N, G).map((row) => row.map((x) => 2 * x)),
      Psi: k < K ? file.numbers(at(k, 'scale')).map(Math.exp) : [],
      bias: file.numbers(at(k, 'bias')),
    };
  });
  const weights = parts.map(({ B, Psi }, k): Matrix => {
    const before = parts[k - 1];
    const chained = before === undefined ? B : scaledColumns(product(B, transposed(before.A)), before.Psi);
    const factor = k === K ? Math.SQRT2 * spec.coeff : k === 0 ? Math.SQRT2 : 2;
    const inverse = k === K ? chained.map(() => 1) : Psi.map((x) => 1 / x);
    return scaledRows(
      chained,
      inverse.map((x) => x * factor),
    );
  });
  const C = file.has(`${path}.context.weight`) ? file.matrix(`${path}.context.weight`) : undefined;
  /** Outputs of the dense layers, before their activations. */
  const passes = (x: Vector, c: Vector): readonly Vector[] => {
    const outputs: Vector[] = [];
    weights.forEach((W, k) => {
      const input = k === 0 ? x : outputs[k - 1]!.map(s);
      const context = k === 0 && C !== undefined ? apply(C, c) : undefined;
      outputs.push(apply(W, input).map((a, i) => a + parts[k]!.bias[i]! + (context?.[i] ?? 0)));
    });
    return outputs;
  };
  return {
    value: (x, c) => passes(x, c).at(-1)!,
    jacobian: (x, c) => {
      const outputs = passes(x, c);
      return weights.reduce<Matrix>(
        (J, W, k) => (k === 0 ? W : product(W, scaledRows(J, outputs[k - 1]!.map(slope)))),
        [],
      );
    },
  };
};

// --- Blocks ---

interface Mapped {
  readonly value: Vector;
  readonly logDet: number;
}
type Block = (x: Vector, c: Vector) => Mapped;

const plusIdentity = (J: Matrix): Matrix => J.map((row, i) => row.map((a, j) => a + +(i === j)));

const implicit = (file: File, path: string, spec: Json): Block => {
  const [gx, gz] = [sandwich(file, `${path}.gx`, spec.gx), sandwich(file, `${path}.gz`, spec.gz)];
  return (x, c) => {
    const h = gx.value(x, c).map((g, i) => g + x[i]!);
    let z = h;
    // Newton's method.
    for (let step = 0, error = 1; step < 50 && error > 1e-12; step++) {
      const F = gz.value(z, c).map((g, i) => z[i]! + g - h[i]!);
      const { X } = solved(
        plusIdentity(gz.jacobian(z, c)),
        F.map((each) => [each]),
      );
      z = z.map((each, i) => each - X[i]![0]!);
      error = Math.max(...F.map(Math.abs));
    }
    const logDet = (net: Net, at: Vector): number =>
      solved(plusIdentity(net.jacobian(at, c)), identity(at.length)).logDet;
    return { value: z, logDet: logDet(gx, x) - logDet(gz, z) };
  };
};

const quantileMap =
  ({ knots, levels }: Json): Block =>
  (x) => {
    const pieces = x.map((value, j) => {
      const own = (knots[j] as Vector).map(Math.fround);
      let k = 0;
      while (k < own.length - 2 && Math.fround(value) >= own[k + 1]!) k++;
      const slope = (levels[k + 1] - levels[k]) / (knots[j][k + 1] - knots[j][k]);
      return { value: levels[k] + slope * (value - knots[j][k]), slope };
    });
    return { value: pieces.map(({ value }) => value), logDet: sum(pieces.map(({ slope }) => Math.log(slope))) };
  };

const regression =
  ({ regression: { weight, bias, factor } }: Json): Block =>
  (x, c) => {
    const rest = x.map((value, i) => [value - dot(weight[i], c) - bias[i]]);
    const { X, logDet } = solved(factor, rest);
    return { value: X.map(([value]) => value!), logDet: -logDet };
  };

const conditionalAffine = (file: File, path: string): Block => {
  const layers: { readonly W: Matrix; readonly b: Vector }[] = [];
  for (let k = 0; file.has(`${path}.layers.${k}.weight`); k++)
    layers.push({ W: file.matrix(`${path}.layers.${k}.weight`), b: file.numbers(`${path}.layers.${k}.bias`) });
  return (x, c) => {
    const out = layers.reduce<Vector>(
      (input, { W, b }, k) => apply(W, k === 0 ? input : input.map((a) => Math.max(a, 0))).map((a, i) => a + b[i]!),
      c,
    );
    const s = out.slice(0, x.length).map((a) => 4 * Math.tanh(a / 4));
    const t = out.slice(x.length);
    return { value: x.map((value, i) => (value - t[i]!) * Math.exp(-s[i]!)), logDet: -sum(s) };
  };
};

const blockOf = (file: File, spec: Json, i: number): Block => {
  const path = `blocks.${i}`;
  switch (spec.kind) {
    case 'quantileMap':
      return quantileMap(spec);
    case 'standardize':
      return (x) => ({
        value: x.map((value, j) => (value - spec.mean[j]) / spec.scale[j]),
        logDet: -sum((spec.scale as Vector).map(Math.log)),
      });
    case 'permutation':
      return (x) => ({ value: (spec.order as Vector).map((j) => x[j]!), logDet: 0 });
    case 'regression':
      return regression({ regression: spec });
    case 'conditionalAffine':
      return conditionalAffine(file, path);
    case 'implicit':
      return implicit(file, path, spec);
    default:
      throw new Error(`another block: ${spec.kind}`);
  }
};

// --- The base ---

const logNormal = (z: Vector, scale = 1): number =>
  -0.5 * sum(z.map((x) => (x / scale) ** 2)) - z.length * (Math.log(scale) + 0.5 * Math.log(2 * Math.PI));

const mixture = (file: File, d: number): ((z: Vector) => number) => {
  const [logits, centers, scales] = [
    file.numbers('base.logits'),
    file.matrix('base.centre'),
    file.matrix('base.logScale'),
  ];
  const lower = file.has('base.lower') ? file.numbers('base.lower') : undefined;
  const all = logSumExp(logits);
  return (z) =>
    logSumExp(
      logits.map((logit, k) => {
        // With the covariance `tied`, all components share one matrix and one list of scales.
        const [own, at] = [scales[k] ?? scales[0]!, lower === undefined || lower.length === d * d ? 0 : k * d * d];
        const u = z.map((x, i) => (x - centers[k]![i]!) * Math.exp(-own[i]!));
        const v = u.map((x, i) => x + sum(u.slice(0, i).map((y, j) => y * (lower?.[at + i * d + j] ?? 0))));
        return logit - all + logNormal(v) - sum(own);
      }),
    );
};

const baseOf = (file: File, { base, tail, dim }: Json): ((z: Vector) => number) => {
  const own =
    base.name === 'mixture' ? mixture(file, dim) : base.name === 'normal' ? (z: Vector) => logNormal(z) : undefined;
  if (own === undefined) throw new Error(`another base: ${base.name}`);
  if (tail === undefined) return own;
  return (z) => logSumExp([Math.log(1 - tail.weight) + own(z), Math.log(tail.weight) + logNormal(z, tail.scale)]);
};

/** Returns the log-density of each row without empty cells, in nats. */
export const score = (bytes: Uint8Array, rows: readonly Row[]): Vector => {
  const file = read(bytes);
  const { columns, flow } = file.spec;
  const blocks = (flow.blocks as Json[]).map((block, i) => blockOf(file, block, i));
  const base = baseOf(file, flow);
  return rows.map((row) => {
    const c = contextOf(row, columns);
    let [z, total] = [numbersOf(row, columns), logCategories(row, file.spec)];
    for (const block of blocks) {
      const { value, logDet } = block(z, c);
      [z, total] = [value, total + logDet];
    }
    return total + base(z);
  });
};
