import { fixed } from '../axes.ts';
import type { Standing } from '../state/standing.ts';

/**
 * Returns a sentence about which of two models has the lower loss on new points. If the difference is at most two
 * standard errors, the sentence names no leader.
 */
export const leadInWords = ({ points, lead }: Pick<Standing, 'points' | 'lead'>): string => {
  if (lead === undefined) return '';
  const { nats, standardError } = lead;
  const apart = `${fixed(Math.abs(nats), 3)} ± ${fixed(standardError, 3)} nats`;
  if (!(Math.abs(nats) > 2 * standardError))
    return `Level: their losses on the same ${points} new points differ by ${apart}, which may be chance.`;
  return `${nats > 0 ? 'A' : 'B'} is ahead: its loss on the same ${points} new points is lower by ${apart}.`;
};
