import { capWeight } from '@impflow/lipschitz';
import type { HostTensors } from '@impflow/training';
import { expect, it } from 'vitest';

export interface NormsSpec {
  readonly layers: readonly {
    readonly layer: string;
    readonly domain: string;
    readonly codomain: string;
    readonly coeff: number;
  }[];
}

const order = (text: string): number => (text === 'inf' ? Infinity : Number(text));

/**
 * Registers tests of capped weights under induced norms. The expected numbers come from the published implementation.
 */
export const normsCase = (tensors: HostTensors, { layers }: NormsSpec): void => {
  it.each(layers.map((layer, i) => ({ ...layer, i })))(
    '$layer: $domain -> $codomain',
    ({ layer, domain, codomain, coeff, i }) => {
      const {
        shape: [rows, columns],
        data,
      } = tensors[`${i}.weight`]!;
      // In the published implementation, LopLinear caps each row or column separately, and InducedNormLinear caps the
      // whole matrix.
      const capped = capWeight(data as Float32Array, rows!, columns!, {
        domain: order(domain),
        codomain: order(codomain),
        coeff,
        local: layer === 'LopLinear' && (domain === '1' || codomain === 'inf'),
      });
      const wanted = tensors[`${i}.capped`]!.data as Float32Array;
      const size = Math.hypot(...wanted);
      expect(Math.hypot(...wanted.map((value, k) => value - capped[k]!)) / size).toBeLessThan(1e-5);
    },
  );
};
