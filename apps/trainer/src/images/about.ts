import type { FlowSpec } from '@impflow/flows';
import type { About } from '../kinds/answer.ts';
import { blocksText } from '../terminal/blocks-text.ts';
import type { DensityRun } from './images-run.ts';

/** What `inspect` says about a density of images. */
export const aboutDensity = ({ model }: DensityRun): About => {
  const { spec, parameters, layers } = model.about();
  const { blocks, base } = spec as FlowSpec;
  return {
    json: {},
    lines: [['images', model.shape.join(' x ')]],
    model: [
      ['blocks', blocksText(blocks)],
      ['base density', base.name],
    ],
    bounds: [],
    parameters,
    audit: layers,
  };
};
