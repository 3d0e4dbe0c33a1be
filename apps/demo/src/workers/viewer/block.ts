import { FlowError, key, type NamedTensors } from '@impflow/core';
import {
  buildFlow,
  type BlockSpec,
  type FlowSpec,
  type NetSpec,
  type NormalizingFlow,
  type Registries,
} from '@impflow/flows';
import { assignVariables } from '@impflow/training';
import type { BlockView, SlopedNet } from '../../protocol/viewer.ts';
import { numbersOf } from './evaluate.ts';
import { disposeFlow, type Model } from './model.ts';
import type { ObservedModel } from './observed-model.ts';
import { labelAt, partsOf } from './stages.ts';

/** Step size of the central differences that approximate slopes. */
const NEAR = 1e-2;

/** Access to the neural networks inside a model's blocks. Each network is built when it is first requested. */
export interface BlockNets {
  of(model: Model, path: string, net: NetSpec): NormalizingFlow;
  dispose(): void;
}

/**
 * Creates access to the networks inside blocks, to evaluate each network separately. A network `g` is evaluated inside
 * a residual block `x + g(x)`: the value of `g` is the output of the block minus its input.
 */
export const blockNets = (registries: Registries): BlockNets => {
  const built = new Map<string, NormalizingFlow>();
  return {
    of: (model, path, g) => {
      const shape = JSON.stringify(g);
      const flow =
        built.get(shape) ??
        buildFlow({ version: 1, dim: 2, base: { name: 'normal' }, blocks: [{ kind: 'residual', g }] } as FlowSpec, {
          registries,
        });
      built.set(shape, flow);
      const own = (tensors: NamedTensors): NamedTensors =>
        Object.fromEntries(
          Object.entries(tensors).flatMap(([name, tensor]) =>
            name.startsWith(`${path}.`) ? [[name.replace(path, 'blocks.0.g'), tensor] as const] : [],
          ),
        );
      assignVariables(flow.parameters, own(model.flow.parameters));
      assignVariables(flow.buffers, own(model.flow.buffers));
      return flow;
    },
    dispose: () => built.forEach(disposeFlow),
  };
};

const netsOf = (block: BlockSpec): { readonly gx: NetSpec; readonly gz?: NetSpec } | undefined =>
  block.kind === 'implicit'
    ? { gx: block.gx, gz: block.gz }
    : block.kind === 'residual' || block.kind === 'monotone'
      ? { gx: block.g }
      : undefined;

/** Returns the indices of all implicit, residual and monotone blocks in the spec's list of blocks. */
const mainBlocks = ({ spec }: Pick<Model, 'spec'>): readonly number[] =>
  spec.blocks.flatMap((block, i) => (netsOf(block) === undefined ? [] : [i]));

/**
 * Describes how an implicit, residual or monotone block maps a point of the data. `which` counts only these blocks,
 * beginning with 0. Undefined if the model has none of them.
 */
export const blockOf = (
  model: Model,
  which: number,
  point: readonly [number, number],
  nets: BlockNets,
  observed: () => ObservedModel,
): BlockView | undefined => {
  if (!point.every(Number.isFinite))
    throw new FlowError('option', 'demo/viewer', 'Wrong point', {
      expected: 'two finite numbers',
      got: JSON.stringify(point),
    });
  const places = mainBlocks(model);
  const place = places[Math.max(0, Math.min(places.length - 1, which))];
  const block = place === undefined ? undefined : model.spec.blocks[place];
  const specs = block === undefined ? undefined : netsOf(block);
  if (place === undefined || block === undefined || specs === undefined) return undefined;
  const context = { key: key(0) };
  const parts = partsOf(model);
  let x = Float32Array.from(point) as Float32Array;
  for (const part of parts.slice(0, place)) x = numbersOf(x, (rows) => part.forward(rows, context));
  const z = numbersOf(x, (rows) => parts[place]!.forward(rows, context));
  const at = (name: 'gx' | 'gz', spec: typeof specs.gx, where: Float32Array): SlopedNet => {
    const path = `blocks.${place}.${block.kind === 'implicit' ? name : 'g'}`;
    const flow = nets.of(model, path, spec);
    return netAt((rows) => numbersOf(rows, (y) => flow.bijector.forward(y, context)), where);
  };
  const solve =
    block.kind !== 'residual'
      ? observed()
          .solvesOf(model, Float32Array.from(point))
          .find(({ report }) => report.at.startsWith(`blocks.${place}`))
      : undefined;
  return {
    point,
    which: places.indexOf(place),
    count: places.length,
    kind: block.kind as BlockView['kind'],
    label: labelAt(model, `blocks.${place}`),
    x: pair(x),
    z: pair(z),
    // A monotone block applies its net to the root w = x + z.
    gx: at('gx', specs.gx, block.kind === 'monotone' ? x.map((value, i) => value + z[i]!) : x),
    ...(specs.gz === undefined ? {} : { gz: at('gz', specs.gz, z) }),
    slope: slopeOf((rows) => numbersOf(rows, (y) => parts[place]!.forward(y, context)), x),
    ...(solve === undefined
      ? {}
      : {
          solver: solve.report.stats.path.join(', then '),
          residuals: solve.records.map(({ residual }) => residual[0]!),
        }),
    step: model.step,
  };
};

const pair = (values: Float32Array): readonly [number, number] => [values[0]!, values[1]!];

type Rows = (rows: Float32Array) => Float32Array;

/** Returns the value and the slope of a network `g` at a point. `around` computes `x + g(x)`. */
const netAt = (around: Rows, where: Float32Array): SlopedNet => {
  const net: Rows = (rows) => around(rows).map((value, i) => value - rows[i]!);
  return { value: pair(net(where)), slope: slopeOf(net, where) };
};

/**
 * Returns the largest factor by which a map stretches distances near a point. This factor is the largest singular value
 * of the map's Jacobian, which is approximated by central differences.
 */
const slopeOf = (map: Rows, [x, y]: Float32Array): number => {
  const [a, b] = [x!, y!];
  const rows = map(Float32Array.of(a + NEAR, b, a - NEAR, b, a, b + NEAR, a, b - NEAR));
  const [j11, j21, j12, j22] = [rows[0]! - rows[2]!, rows[1]! - rows[3]!, rows[4]! - rows[6]!, rows[5]! - rows[7]!].map(
    (difference) => difference / (2 * NEAR),
  ) as [number, number, number, number];
  const [sum, det] = [j11 ** 2 + j12 ** 2 + j21 ** 2 + j22 ** 2, j11 * j22 - j12 * j21];
  return Math.sqrt((sum + Math.sqrt(Math.max(0, sum ** 2 - 4 * det ** 2))) / 2);
};
