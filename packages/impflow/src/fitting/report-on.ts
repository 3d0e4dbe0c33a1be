import type { RecordFlow } from '@impflow/tables';
import type { Evaluation } from '../evaluate.ts';
import { auditOf, boundedNets, summaryOf } from '../measure/audit.ts';
import type { OpenDensity } from '../open-density.ts';
import type { LipschitzReport, Report } from '../report.ts';
import { modelName } from '../table/model-name.ts';
import { isUnmapped } from '../table/preparation.ts';
import type { TableParts } from '../table/split.ts';
import type { TrainedTable } from '../table/train-table.ts';

/** Input of {@link reportOn}. */
interface ReportOnOptions extends Pick<Report, 'rivals' | 'backend' | 'remarks'> {
  /** Result of the training. */
  readonly trained: TrainedTable;
  /** What the report of the training that was resumed says about its start. */
  readonly earlier: Pick<Report, 'start' | 'droppedSteps'>;
  /** Results on the test rows. */
  readonly evaluation: Evaluation;
  /** Times at which the stages ended, from `performance.now()`. */
  readonly ends: Readonly<Record<'begun' | 'read' | 'chosen' | 'trained', number>>;
}

/** Reports how a density was trained, and its results on the test rows. */
export const reportOn = (
  { density }: OpenDensity,
  parts: TableParts,
  { trained, evaluation, earlier, rivals, backend, ends, remarks }: ReportOnOptions,
): Report => {
  const { settings, step, best, spread, start, droppedSteps } = { ...earlier, ...trained };
  return {
    ...evaluation,
    won: modelName(trained.checkpoint),
    rivals,
    columns: isUnmapped(settings.transform) ? parts.unmappedColumns : parts.columns,
    gaps: parts.gaps,
    scaling: settings.scaling ?? (parts.sampler === undefined ? 'standard' : 'none'),
    model: settings.model,
    base: settings.base ?? 'normal',
    steps: step,
    bestStep: best?.step ?? step,
    parameters: Object.values(density.flow.parameters).reduce((sum, { size }) => sum + size, 0),
    dim: density.layout.numbers.length,
    context: density.layout.contextSize,
    lipschitz: lipschitzOf(density),
    ...(spread === undefined ? {} : { spread }),
    ...(start === undefined ? {} : { start }),
    ...(droppedSteps === undefined ? {} : { droppedSteps }),
    ...(parts.sampler?.entropy === undefined ? {} : { entropy: parts.sampler.entropy }),
    workers: settings.workers,
    backend,
    time: timeOf(ends, trained.validationSeconds),
    remarks,
  };
};

/** Returns bounds of the Lipschitz constants of the nets of a flow. Takes some seconds for wide nets. */
export const lipschitzOf = ({ flow, spec }: Pick<RecordFlow, 'flow' | 'spec'>): LipschitzReport => {
  const { layers, largestNorm, largestRatio } = summaryOf(auditOf(flow, spec.flow));
  const bounded = boundedNets(spec.flow);
  return { layers, largestNorm, largestRatio, ...(bounded === undefined ? {} : { bound: bounded.bound }) };
};

const timeOf = ({ begun, read, chosen, trained }: ReportOnOptions['ends'], validation: number): Report['time'] => {
  const now = performance.now();
  return {
    reading: (read - begun) / 1000,
    choices: (chosen - read) / 1000,
    training: (trained - chosen) / 1000,
    validation,
    evaluation: (now - trained) / 1000,
    total: (now - begun) / 1000,
  };
};
