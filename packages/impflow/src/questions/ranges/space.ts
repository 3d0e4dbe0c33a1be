import type { RecordFlow, Values } from '@impflow/tables';
import type { CategoryCases } from './category-cases.ts';

/**
 * The space in which an event is sampled: pairs of a combination of categories and a point of the base density. The
 * other categories follow from the tree, and the numbers from the inverse of the flow. So the importance weight of a
 * draw needs only the densities of its combination and of its point, which are cheap and exact.
 */
export interface Space {
  readonly model: RecordFlow;
  /** One row of conditions. */
  readonly conditions: Values;
  /** The combinations that are drawn. */
  readonly cases: CategoryCases;
  /** Whether categories that training did not see are drawn. */
  readonly unseen: boolean;
}
