import type { LoadedRun } from '../../run/load.ts';
import type { ClassifierModel } from '../../run/model.ts';

/** The names of a classifier's classes; numbers where its checkpoint has none for them. */
export const namesOf = ({ record: { classes = [] }, learned: { classifier } }: LoadedRun<ClassifierModel>): readonly string[] =>
  (classes.length === classifier.classes ? classes : Array.from({ length: classifier.classes }, (_, i) => String(i)));
