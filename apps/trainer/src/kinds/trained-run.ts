import { FlowError } from '@impflow/core';
import { recordsOfRun, type TrainedRecords } from '@impflow/tables';
import type { LoadedRun } from '../checkpoint/load-run.ts';
import { isImagesSpec } from '../model/model.ts';

/**
 * The functions of a trained run on a table: of records, or of rows of numbers.
 *
 * @throws `option` for a run on images.
 */
export const trainedRun = ({ model, record, registries, paths }: LoadedRun): TrainedRecords => {
  const stored = { contents: record, heldOutRows: record.provenance?.rows?.test };
  if (model.kind === 'records')
    return recordsOfRun({ spec: model.spec, flow: model.records.flow, ...stored }, registries);
  if (model.kind === 'flow' && !isImagesSpec(model.spec))
    return recordsOfRun({ spec: model.spec, flow: model.flow, ...stored }, registries);
  throw new FlowError('option', 'cli', `${paths.folder} has no rows`, {
    expected: 'a run on a table',
    got: model.kind === 'classifier' ? 'a classifier of images' : 'a density of images',
    hint: 'Use evaluate, score or sample for it.',
  });
};
