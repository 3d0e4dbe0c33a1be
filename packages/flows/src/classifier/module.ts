import { fold, type Context, type NamedVariables, type RefreshOptions } from '@impflow/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { prefixed } from '../chain.ts';

/** A part of a net that need not be invertible: a differentiable map with its parameters. */
export interface Module {
  /** Trainable variables by path. */
  readonly parameters: NamedVariables;
  /** Variables that are stored but not trained, by path. */
  readonly buffers: NamedVariables;
  /** Returns the outputs for a batch, `[B, ...] -> [B, ...]`. */
  apply(x: Tensor, context: Context): Tensor;
  /**
   * Recomputes the operator norms of the Lipschitz layers. In a module without Lipschitz layers, this function has no
   * effect.
   */
  refresh(options?: RefreshOptions): void;
}

/**
 * Makes a module from `apply` and optional other fields. If a record of variables is missing, the module has an empty
 * record. If a function is missing, the module has a function without effect.
 */
export const defineModule = ({
  parameters = {},
  buffers = {},
  refresh = () => {},
  apply,
}: Pick<Module, 'apply'> & Partial<Module>): Module => Object.freeze<Module>({ parameters, buffers, refresh, apply });

/** Composes modules in sequence. The names of the modules become the prefixes of parameter paths and of reports. */
export const series = (parts: Readonly<Record<string, Module>>): Module => {
  const steps = Object.entries(parts).map(([path, part], i) => ({ path, part, i }));
  const at = (context: Context, i: number, path: string): Context => ({
    ...context,
    key: fold(context.key, i),
    ...(context.report === undefined
      ? {}
      : { report: (report) => context.report!({ ...report, at: report.at === '' ? path : `${path}.${report.at}` }) }),
  });
  return defineModule({
    parameters: prefixed(parts, (part) => part.parameters),
    buffers: prefixed(parts, (part) => part.buffers),
    apply: (x, context) => steps.reduce((y, { path, part, i }) => part.apply(y, at(context, i, path)), x),
    refresh: (options) => {
      for (const { part } of steps) part.refresh(options);
    },
  });
};
