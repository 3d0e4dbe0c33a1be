import type { ClassifierSpec, FlowSpec } from '@impflow/flows';
import { asImages, asTable, type RunData } from '../dataset/resolve.ts';
import { assertAffordable } from '../run/held.ts';
import type { LoadedRun } from '../run/load.ts';
import { kindOfSpec, type ModelSpec } from '../run/model.ts';
import type { RunKind } from '../run/run-kind.ts';
import type { DataSize, Settings } from '../run/settings.ts';
import { assertAllowed } from '../run/spec-schema.ts';
import { classesPlan, classesSize } from './classes/plan.ts';
import { classesView } from './classes/view.ts';
import { imagesPlan, imagesSize } from './images/plan.ts';
import { imagesView } from './images/view.ts';
import type { Plan } from './plan.ts';
import { rowsPlan, rowsSize } from './rows/plan.ts';
import { rowsView } from './rows/view.ts';
import type { View } from './view.ts';

/**
 * Size of the data, which the settings of a run depend on.
 *
 * @throws `input` for data of another kind.
 */
export const sizeFor = (kind: RunKind, data: RunData): DataSize =>
  kind === 'rows'
    ? rowsSize(asTable(data))
    : kind === 'images'
      ? imagesSize(asImages(data))
      : classesSize(asImages(data));

/**
 * The plan of a run. Without `spec`, the spec follows from the settings.
 *
 * @throws `input` for data of another kind; `option` for a new model that is too large.
 */
export const planFor = (kind: RunKind, data: RunData, settings: Settings, spec?: ModelSpec): Plan => {
  const plan =
    kind === 'rows'
      ? rowsPlan(asTable(data), settings, spec as FlowSpec | undefined)
      : kind === 'images'
        ? imagesPlan(asImages(data), settings, spec as FlowSpec | undefined)
        : classesPlan(asImages(data), settings, spec as ClassifierSpec | undefined);
  if (spec !== undefined) return plan;
  assertAllowed(plan.spec);
  assertAffordable(plan.spec);
  return plan;
};

/** The commands on a loaded run, by its kind. */
export const viewOf = ({ learned, ...run }: LoadedRun): View => {
  if (learned.kind === 'classifier') return classesView({ ...run, learned });
  return kindOfSpec(learned.spec) === 'images' ? imagesView({ ...run, learned }) : rowsView({ ...run, learned });
};
