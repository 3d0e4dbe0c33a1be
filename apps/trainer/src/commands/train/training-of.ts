import { isRecordsSpec, type DataPlace } from 'impflow/run';
import { sourceKind } from '../../dataset/source.ts';
import type { Resumed, Training } from '../../kinds/training.ts';
import type { AllRegistries } from '../../plugins/registries.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { tableTraining } from '../../tables/train-table.ts';
import { imageTraining } from './image-training.ts';

/** Input of {@link trainingOf}. */
interface TrainingInput {
  readonly place: DataPlace;
  readonly registries: AllRegistries;
  readonly resumed: Resumed | undefined;
}

/**
 * Returns the training of a table or of images. The data determine which of the two it is. For a resumed run, the model
 * of the run determines it.
 */
export const trainingOf = async (
  given: TrainOptions,
  { place, registries, resumed }: TrainingInput,
): Promise<Training> => {
  const isOfTable =
    resumed === undefined ? (await sourceKind(place.data)) === 'table' : isRecordsSpec(resumed.checkpoint.spec);
  return isOfTable ? tableTraining(given, place, registries, resumed) : imageTraining(given, place, resumed);
};
