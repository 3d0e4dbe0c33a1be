import type { Model } from 'impflow';

/** The part of a model of `impflow` that the SQL functions call. */
export type RegisteredModel = Pick<Model, 'report' | 'score' | 'explain' | 'sample'>;

/** Returns the names of the columns of a model, in the order of the training table. */
export const columnsOf = ({ report }: Pick<RegisteredModel, 'report'>): readonly string[] =>
  report.columns.flatMap(({ name, is }) => (is === 'left out' || is === 'weights' ? [] : [name]));
