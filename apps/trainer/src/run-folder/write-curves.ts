import { writeAtomically } from '@impflow/core';
import type { CurvePoint, CurvesOptions } from '@impflow/plots';
import type { Checkpoint } from '@impflow/training';
import { number, type TableContents } from 'impflow/run';
import { nameOf } from '../dataset/places.ts';
import type { Unit } from '../terminal/unit.ts';
import type { RunPaths } from './folder.ts';
import { readMetrics, type RecordedStep } from './metrics.ts';

/**
 * Draws the training curves into the run folder, if there are metrics. Returns the paths of the files. The curves mark
 * the step whose weights the model has, and the loss of the start if the report has it.
 *
 * @param rows Name of the rows, such as `rows` or `images`.
 */
export const writeCurves = async (
  { paths, checkpoint }: { readonly paths: RunPaths; readonly checkpoint: Checkpoint },
  { name, perNat }: Unit,
  rows: 'rows' | 'images' = 'rows',
): Promise<readonly string[]> => {
  const metrics = await readMetrics(paths);
  if (metrics.length === 0) return [];
  const { curvesPlot } = await import('@impflow/plots');
  const points = metrics.map((record) => curvePoint(record, perNat));
  await writeAtomically(paths.curves, curvesPlot(points, { unit: name, rows, ...curvesOptions(checkpoint, perNat) }));
  return [paths.curves];
};

/** Returns what a checkpoint says about the curves: the name of the data, the start and the chosen step. */
export const curvesOptions = (
  { extra, training }: Pick<Checkpoint, 'extra' | 'training'>,
  perNat: number,
): CurvesOptions => {
  // A foreign checkpoint may lack these contents.
  const { data, report } = (extra ?? {}) as Partial<TableContents>;
  const { start, droppedSteps } = report ?? {};
  const best = training?.best;
  const lossOf = ({ nats, standardError }: { readonly nats: number; readonly standardError: number }) => ({
    loss: nats * perNat,
    standardError: standardError * perNat,
  });
  return {
    ...(data?.data === undefined ? {} : { title: `${nameOf(data.data)}: loss during the training` }),
    ...(typeof droppedSteps === 'number'
      ? {
          subtitle: `A first training of ${number(droppedSteps)} steps, from a normal base, was given up: its loss on the validation rows was not clearly lower than the loss of the fitted mixture. The curves show the training that started from the mixture.`,
        }
      : {}),
    ...(Number.isFinite(start?.nats) && Number.isFinite(start?.standardError)
      ? { start: { ...lossOf(start!), name: 'the fitted mixture' } }
      : {}),
    ...(best === undefined ? {} : { chosen: { step: best.step, ...lossOf(best) } }),
  };
};

/**
 * Converts the metrics of a step to a point of the training curves. A validation loss that is not finite, which JSON
 * writes as `null`, is dropped.
 */
const curvePoint = ({ step, loss, accuracy, validation, solves }: RecordedStep, perNat: number): CurvePoint => ({
  step,
  loss: loss * perNat,
  ...(Number.isFinite(accuracy) ? { accuracy: accuracy! } : {}),
  ...(solves?.forward === undefined ? {} : { solverSteps: solves.forward.steps }),
  ...(validation !== undefined && Number.isFinite(validation.nats) && Number.isFinite(validation.standardError)
    ? { validation: { loss: validation.nats * perNat, standardError: validation.standardError * perNat } }
    : {}),
});
