import { fixed } from '../axes.ts';
import type { LayerNorm } from '../protocol/viewer.ts';

export interface Bar {
  /** Name of the layer, such as `layer 2`. */
  readonly name: string;
  readonly norm: number;
  readonly cap: number;
  /** Whether the norm exceeds the cap by more than {@link SLACK}. */
  readonly above: boolean;
}

export interface Net {
  /** Name of the net, such as `gx`. */
  readonly name: string;
  readonly bars: readonly Bar[];
}

export interface Block {
  /** Name of the block, such as `block 1`. */
  readonly name: string;
  readonly nets: readonly Net[];
}

/**
 * Amount by which a norm may exceed its cap. Training estimates norms by a power iteration, whose error is about a
 * thousandth.
 */
const SLACK = 1e-3;

/**
 * Groups norms by block and net, according to paths such as `blocks.0.gx.layers.2`. Blocks without norms, such as a
 * standardizing block, are not counted.
 */
export const blocksOf = (norms: readonly LayerNorm[]): readonly Block[] => {
  const blocks = new Map<string, Map<string, Bar[]>>();
  for (const { path, norm, cap } of norms) {
    const [, block, net] = /^(?:blocks\.)?([^.]+)\.(.+?)(?:\.layers)?\.[^.]+$/.exec(path) ?? ['', '', path];
    const nets = blocks.get(block!) ?? new Map<string, Bar[]>();
    blocks.set(block!, nets);
    const bars = nets.get(net!) ?? [];
    nets.set(net!, bars);
    bars.push({ name: `layer ${bars.length + 1}`, norm, cap, above: norm > cap + SLACK });
  }
  return [...blocks.values()].map((nets, i) => ({
    name: `block ${i + 1}`,
    nets: [...nets].map(([name, bars]) => ({ name, bars })),
  }));
};

/** Describes all norms in one or two sentences. */
export const normsInWords = (norms: readonly LayerNorm[]): string => {
  const above = norms.filter(({ norm, cap }) => norm > cap + SLACK).length;
  const full = norms.filter(({ norm, cap }) => norm > cap - 0.01 && norm <= cap + SLACK).length;
  const largest = Math.max(...norms.map(({ norm }) => norm));
  const first =
    `Norms of ${norms.length} layers: the largest is ${fixed(largest, 4)}, and ${full} ` +
    `${full === 1 ? 'lies' : 'lie'} within 0.01 of the cap.`;
  return above === 0
    ? `${first} None is above its cap.`
    : `${first} ${above} ${above === 1 ? 'is' : 'are'} above the cap by more than ${SLACK}.`;
};
