import { PAIRED, type ModelChoice } from '../config.ts';
import { KIND_WORDS } from '../labels.ts';

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Formats an integer, such as `12,345`. */
export const grouped = (count: number): string => numbers.format(count);

/** Formats a rate, such as `92`, `4.1` or `0.35`. */
export const rate = (value: number): string => (value >= 20 ? grouped(value) : value.toPrecision(2));

/** Formats a number with a noun, such as `1 block` or `4 blocks`. */
export const plural = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Formats the number of blocks, such as `4 blocks`, or `4 pairs of blocks` for a residual or monotone model. */
export const blocksInWords = ({ kind, blocks }: Pick<ModelChoice, 'kind' | 'blocks'>): string =>
  PAIRED.includes(kind) ? `${plural(blocks, 'pair')} of blocks` : plural(blocks, 'block');

/** Describes a model, such as `Implicit, 4 blocks of 64 · 64`. */
export const modelName = (model: ModelChoice): string =>
  `${KIND_WORDS[model.kind].label}, ${blocksInWords(model)} of ${model.hidden.join(' · ')}`;

/** Names of the first and the second model on the page. */
export const LETTERS = ['A', 'B'] as const;
