import { fitImages, loadImages } from '@impflow/vision';
import { isClassifierSpec, type DataPlace } from 'impflow/run';
import { trainedClassifier } from '../../classes/trained.ts';
import { imageChoices } from '../../images/choices.ts';
import { trainedDensity } from '../../images/trained.ts';
import { bitsUnit } from '../../images/unit.ts';
import type { Resumed, Training } from '../../kinds/training.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { NATS_PER_IMAGE, type Unit } from '../../terminal/unit.ts';

/** The training of a density or a classifier of images. */
export const imageTraining = async (
  given: TrainOptions,
  { data }: DataPlace,
  resumed: Resumed | undefined,
): Promise<Training> => {
  const choices = imageChoices(given, resumed);
  const images = await loadImages(data);
  let unit: Unit = NATS_PER_IMAGE;
  return {
    unit: () => unit,
    fit: async (hooks) => {
      const end = await fitImages(images, {
        ...choices,
        ...hooks,
        onPlan: async ({ spec }) => {
          if (!isClassifierSpec(spec)) unit = bitsUnit(spec.dim);
        },
      });
      if (end.stopped === 'aborted') return end;
      const { model, checkpoint, parts } = end;
      return {
        ...end,
        answer: async (paths) => {
          try {
            return model.kind === 'density'
              ? await trainedDensity({ paths, checkpoint, model }, parts.test)
              : await trainedClassifier({ paths, checkpoint, model }, parts.test);
          } finally {
            model.dispose();
          }
        },
      };
    },
  };
};
