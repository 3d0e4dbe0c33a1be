import type { RegisteredModel } from './register.ts';

/** Returns the names of the columns of a model, in the order of the training table. */
export const columnsOf = ({ report }: Pick<RegisteredModel, 'report'>): readonly string[] =>
  report.columns.flatMap(({ name, is }) => (is === 'left out' || is === 'weights' ? [] : [name]));
