import type { JSX } from 'preact';
import type { ModelKind } from '../config.ts';

/** A hint with the formula of the function that a block of this kind computes. */
export const KindHint = ({ kind }: { readonly kind: ModelKind }): JSX.Element => {
  switch (kind) {
    case 'implicit':
      return (
        <>
          Each block solves{' '}
          <i>
            z + g<sub>z</sub>(z) = x + g<sub>x</sub>(x)
          </i>{' '}
          for <i>z</i>: a gentle map, then a gentle map undone, which may be steep.
        </>
      );
    case 'residual':
      return (
        <>
          Each block computes <i>z = x + g(x)</i>: its slopes stay below 2. Two of them for each block, so that there
          are as many nets.
        </>
      );
    case 'monotone':
      return (
        <>
          Each block solves <i>w + g(w) = 2x</i> for <i>w</i>, and <i>z = w - x</i>: steep maps with one net. Two of
          them for each block, so that there are as many nets.
        </>
      );
    case 'coupling':
      return <>One coordinate scales and shifts the other (Real NVP). Nothing to solve, and no limit on slopes.</>;
  }
};
