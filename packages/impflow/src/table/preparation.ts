import { fold } from '@impflow/core';
import type { FittedColumns, RecordsSpec, ScalingMethod } from '@impflow/tables';
import { runKey } from '@impflow/training';
import type { OnEvent } from '../events.ts';
import type { HeldOut } from '../measure/held-out.ts';
import { meanOf } from '../measure/mean.ts';
import { leadOf } from '../measure/paired-difference.ts';
import { FEW_ROWS, FITTED, type Settings } from '../options/settings.ts';
import { number, withError } from '../text/format.ts';
import { crossValidatedDensities, FEW_TO_SKETCH, mixtureOf, type TableMixture } from './mixture.ts';
import { isWeighted, rowCount, type Part } from './part.ts';
import { specOf } from './spec.ts';
import type { TableParts } from './split.ts';
import { withoutMaps } from './without-maps.ts';

/** The options `scaling` and `transform`, which define how numbers are transformed before they enter the flow. */
export type Preparation = Pick<Settings, 'scaling' | 'transform'>;

/**
 * Computes specs and mixtures of candidate preparations: combinations of the options `scaling` and `transform`. The
 * spec and the mixture of each candidate are computed only once.
 */
export interface Preparations {
  /**
   * Returns the spec of a density with this preparation. If the option `base` is `fitted`, the spec still has a normal
   * base, but no layer that the first batch initializes.
   */
  spec(preparation: Preparation & Partial<Pick<Settings, 'base' | 'model'>>): RecordsSpec;
  /** Chooses the Gaussian mixture of the prepared columns. The first call takes some seconds. */
  mixture(preparation: Preparation): TableMixture;
  /**
   * Chooses a Gaussian mixture that is only used to compare preparations. In a training with a time limit or a fitted
   * base on few rows, the result equals the result of `mixture`. Otherwise the search takes about a second and finds
   * fewer components.
   */
  sketch(preparation: Preparation): TableMixture;
}

/**
 * Creates the functions that compute specs and mixtures for a table. `train` contains the training rows, with filled
 * gaps.
 */
export const preparationsOf = (parts: TableParts, train: Part, settings: Settings): Preparations => {
  const specs = new Map<string, RecordsSpec>();
  const mixtures = new Map<string, TableMixture>();
  const nameOf = ({ scaling = 'standard', transform }: Preparation): string =>
    `${scaling} ${hasMaps(parts.fitted) && !isUnmapped(transform)}`;
  const spec: Preparations['spec'] = (preparation) => {
    const { base = settings.base, model = settings.model } = preparation;
    const name = `${nameOf(preparation)} ${model} ${base === FITTED}`;
    const found = specs.get(name) ?? specFor(parts, train, { ...settings, ...preparation });
    specs.set(name, found);
    return found;
  };
  const isFew = rowCount(train) + rowCount(parts.validation) < FEW_TO_SKETCH;
  const found = (preparation: Preparation, isSketch: boolean): TableMixture => {
    const own = spec(preparation);
    const name = nameOf(preparation);
    const options = { key: runKey(settings.seed, 'mixture'), isSketch };
    const whole = mixtures.get(name);
    if (whole !== undefined) return whole;
    const kept = isSketch ? `sketch: ${name}` : name;
    const made =
      mixtures.get(kept) ?? mixtureOf(own, train, parts.validation, { ...options, seconds: settings.seconds });
    mixtures.set(kept, made);
    return made;
  };
  return {
    spec,
    mixture: (preparation) => found(preparation, false),
    sketch: (preparation) => found(preparation, !(isFew && beginsOrChooses(settings))),
  };
};

const beginsOrChooses = ({ seconds, base }: Settings): boolean => seconds !== undefined || base === FITTED;

const specFor = ({ fitted, sampler }: TableParts, train: Part, settings: Settings): RecordsSpec =>
  specOf(isUnmapped(settings.transform) ? withoutMaps(fitted) : fitted, train, settings, sampler !== undefined);

/** Returns whether the option `transform` is `none`. Then no map is chosen from the values of a column. */
export const isUnmapped = (transform: Preparation['transform']): boolean => transform?.join() === 'none';

/** Name of the usual scaling in messages. */
export const STANDARDIZED = 'standardized columns';
/** Names of the scalings in messages. */
const WORDS: Readonly<Record<Exclude<ScalingMethod, 'none'>, string>> = {
  standard: STANDARDIZED,
  whitened: 'whitened columns',
  quantiles: 'columns by quantiles',
};

/** Describes a preparation in words, such as "standardized columns, mapped". */
export const wordsOf = ({ scaling = 'standard', transform }: Preparation, { fitted }: TableParts): string =>
  `${WORDS[scaling]}${hasMaps(fitted) && !isUnmapped(transform) ? ', mapped' : ''}`;

/** Describes the preparation of the columns in a spec, in the words of {@link wordsOf}. */
export const wordsOfSpec = ({ columns, flow: { blocks } }: RecordsSpec): string => {
  const has = (kind: string): boolean => blocks.some((block) => block.kind === kind);
  const scaling = has('quantileMap') ? 'quantiles' : has('whiten') ? 'whitened' : 'standard';
  const mapped = blocks.find((block) => block.kind === 'columnMaps');
  const isMapped = mapped !== undefined && 'maps' in mapped && hasMaps({ columns, maps: mapped.maps });
  return `${WORDS[scaling]}${isMapped ? ', mapped' : ''}`;
};

/**
 * Returns the preparation whose fitted mixture has the highest log-likelihood on the validation rows or folds. A
 * preparation is a scaling, with or without maps of the columns that are chosen from bounds and tails. A preparation
 * replaces a simpler preparation only if its log-likelihood is higher by more than a standard error. With few rows,
 * smaller differences are due to chance. With many rows, maps do not replace quantiles. A flow trains better with
 * quantiles, even on tables for which the mixture is better with maps. Options that the user set are kept.
 *
 * @remarks Short trainings of flows cannot choose between quantiles and other scalings: their order after a tenth of
 * the time is often not the final order (docs/decisions/031-a-minute-well-spent.md). The comparison takes a second for
 * each candidate, and some seconds with few rows.
 */
export const choosePreparation = (
  preparations: Preparations,
  parts: TableParts,
  train: Part,
  settings: Settings,
  onEvent: OnEvent,
): Preparation => {
  const [first, ...others] = candidates(preparations, parts, train, settings);
  if (others.length === 0) return first!;
  let best: { readonly preparation: Preparation; readonly logDensities: Float64Array } | undefined;
  for (const preparation of [first!, ...others]) {
    const isMapped = hasMaps(parts.fitted) && !isUnmapped(preparation.transform);
    if (isMapped && best?.preparation.scaling === 'quantiles' && rowCount(train) >= FEW_ROWS) continue;
    const { logDensities, weights, by } = crossValidatedDensities(
      preparations.sketch(preparation),
      (own) => specFor(parts, own, { ...settings, ...preparation }),
      { train, validation: parts.validation },
      fold(runKey(settings.seed, 'mixture'), 1),
    );
    const loss = -meanOf(logDensities, weights);
    const lead = best && leadOf(logDensities, best.logDensities, weights);
    const taken = lead === undefined || lead.nats > lead.standardError;
    const words = wordsOf(preparation, parts);
    const end = best === undefined ? '' : ` ${comparedText(lead!, wordsOf(best.preparation, parts))}`;
    onEvent({
      kind: 'choice',
      of: 'scaling',
      candidate: words,
      loss,
      taken,
      text: `Fitted mixture, ${words}: loss ${number(loss, 5)} on ${number(logDensities.length)} ${by}.${end}`,
    });
    if (taken) best = { preparation, logDensities };
  }
  return best!.preparation;
};

/** Losses that differ by less than this number of nats per row are called equal. */
const EQUAL = 1e-6;

/** Compares the loss of a candidate with the loss of the best candidate so far, in a sentence. */
const comparedText = ({ nats, standardError }: HeldOut, best: string): string => {
  if (Math.abs(nats) < EQUAL && standardError < EQUAL && nats <= standardError) return 'Not taken: the loss is equal.';
  const size = withError(Math.abs(nats), standardError);
  if (nats > standardError) return `Taken instead of ${best}: lower by ${size}.`;
  return `Not taken: ${nats > 0 ? `lower by ${size}, less than a standard error` : `higher by ${size}`}.`;
};

/** Returns whether any column has a map that `withoutMaps` removes. */
const hasMaps = (fitted: FittedColumns): boolean => {
  const { maps } = withoutMaps(fitted);
  return fitted.maps.some(({ map }, i) => map !== maps[i]!.map);
};

/**
 * Returns the preparations to compare by mixtures, the simplest first: each scaling without maps, and then the first
 * scaling with maps. Quantile scaling is combined with maps only if the user set the maps. If the user set only
 * `scaling: 'quantiles'`, the only candidate is quantile scaling without maps. Whitening is left out where short
 * trainings decide about it: see {@link whitenedInstead}. Whitening and quantile scaling are left out for weighted
 * rows, because they ignore the weights.
 */
export const candidates = (
  preparations: Preparations,
  parts: TableParts,
  train: Part,
  settings: Settings,
): readonly Preparation[] => {
  const { scaling, transform } = settings;
  const scalings: readonly NonNullable<Preparation['scaling']>[] =
    scaling !== undefined
      ? [scaling]
      : isWeighted(train)
        ? ['standard']
        : canBeWhitened(preparations, train, settings) && !isTrainedToChoose(train, settings)
          ? ['standard', 'whitened', 'quantiles']
          : ['standard', 'quantiles'];
  if (transform !== undefined) return scalings.map((each) => ({ scaling: each, transform }));
  if (!hasMaps(parts.fitted)) return scalings.map((each) => ({ scaling: each }));
  return [
    ...scalings.map((each): Preparation => ({ scaling: each, transform: ['none'] })),
    ...scalings
      .filter((each) => each !== 'quantiles')
      .slice(0, 1)
      .map((each): Preparation => ({ scaling: each })),
  ];
};

/**
 * Returns whether whitening is a candidate. It is not tried for one or two columns, because full covariances have the
 * same effect, and for tables with conditions, because the regression on the conditions has the same effect.
 */
const canBeWhitened = (preparations: Preparations, train: Part, { transform }: Settings): boolean => {
  const { flow } = preparations.spec({ scaling: 'standard', ...(transform === undefined ? {} : { transform }) });
  return !isWeighted(train) && flow.dim > 2 && (flow.context ?? 0) === 0;
};

/**
 * Returns whether short trainings decide between standardized and whitened columns. With few rows and with a fitted
 * base, the mixtures decide.
 */
const isTrainedToChoose = (train: Part, { base }: Settings): boolean => rowCount(train) >= FEW_ROWS && base !== FITTED;

/**
 * Returns the preparation with whitened columns that short trainings compare with `chosen`, the preparation that the
 * mixtures chose. Returns undefined if there is nothing to compare. Mixtures cannot make this choice: the densities of
 * full covariances are the same for standardized and for whitened columns, but a flow differs by up to a nat.
 */
export const whitenedInstead = (
  chosen: Preparation,
  preparations: Preparations,
  train: Part,
  settings: Settings,
): Preparation | undefined =>
  settings.scaling === undefined &&
  chosen.scaling === 'standard' &&
  canBeWhitened(preparations, train, settings) &&
  isTrainedToChoose(train, settings)
    ? { ...chosen, scaling: 'whitened' }
    : undefined;
