import type { ModelChoice } from '../config.ts';
import { KIND_WORDS } from '../labels.ts';

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `12,345`. */
export const grouped = (count: number): string => numbers.format(count);

/** A rate: `92`, `4.1`, `0.35`. */
export const rate = (value: number): string => (value >= 20 ? grouped(value) : value.toPrecision(2));

/** `1 block`, `4 blocks`. */
export const plural = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `4 blocks`, or `4 pairs of blocks` of a residual model, which has two blocks for each implicit one. */
export const blocksInWords = ({ kind, blocks }: Pick<ModelChoice, 'kind' | 'blocks'>): string =>
  kind === 'residual' ? `${plural(blocks, 'pair')} of blocks` : plural(blocks, 'block');

/** `Implicit, 4 blocks of 64 · 64`. */
export const modelName = (model: ModelChoice): string =>
  `${KIND_WORDS[model.kind].label}, ${blocksInWords(model)} of ${model.hidden.join(' · ')}`;

/** Names of the two models. */
export const LETTERS = ['A', 'B'] as const;
