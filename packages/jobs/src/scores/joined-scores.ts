import type { ScoredRows } from '@impflow/tables';

/** The fields of scores that have one number per row. */
const OF_ROWS = ['values', 'errors', 'converged', 'gaps', 'percentiles', 'pValues'] as const;

type Numbers = ScoredRows[(typeof OF_ROWS)[number]];

/** Returns the scores of the given rows. */
export const pickScores = (scores: ScoredRows, first: number, count: number): ScoredRows => ({
  ...scores,
  ...Object.fromEntries(OF_ROWS.map((name) => [name, scores[name].slice(first, first + count)])),
});

/**
 * Joins the scores of one or more consecutive parts. `remarks` contains the remarks that the reader made on the rows.
 */
export const joinedScores = (parts: readonly ScoredRows[], remarks: readonly string[]): ScoredRows => ({
  ...parts[0]!,
  ...Object.fromEntries(OF_ROWS.map((name) => [name, joined(parts.map((part) => part[name]))])),
  remarks,
});

const joined = (lists: readonly Numbers[]): Numbers => {
  const length = lists.reduce((sum, list) => sum + list.length, 0);
  const out = new (lists[0]!.constructor as new (length: number) => Numbers)(length);
  let at = 0;
  for (const list of lists) {
    out.set(list, at);
    at += list.length;
  }
  return out;
};
