import type { ClassifierRun } from '../images/images-run.ts';
import type { About } from '../kinds/answer.ts';

/** What `inspect` says about a classifier. */
export const aboutClassifier = ({ model }: ClassifierRun): About => {
  const { classes, spec, shape } = model;
  const { parameters, layers } = model.about();
  const widths = spec.stages.map(({ width }) => width).join(', ');
  return {
    json: { classes },
    lines: [
      ['images', shape.join(' x ')],
      ['classes', classes.join(', ')],
    ],
    model: [['blocks', `${spec.stages.length} ${spec.block}, of ${widths} channels`]],
    bounds: [],
    parameters,
    audit: layers,
  };
};
