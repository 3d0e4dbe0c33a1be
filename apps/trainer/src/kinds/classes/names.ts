import type { LoadedRun } from '../../run/load.ts';
import type { ClassifierModel } from '../../run/model.ts';

/** Names of a classifier's classes; numbers if its checkpoint does not name them. */
export const namesOf = ({
  record: { classes = [] },
  learned: { classifier },
}: LoadedRun<ClassifierModel>): readonly string[] =>
  classes.length === classifier.classes ? classes : Array.from({ length: classifier.classes }, (_, i) => String(i));
