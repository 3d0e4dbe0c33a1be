import type { ColumnReport, FitEvent, OnEvent } from 'impflow';
import { note, type OutputOptions } from '../../terminal/output.ts';
import { progressDisplay, type Progress } from '../../terminal/progress.ts';
import { table } from '../../terminal/table.ts';
import type { Unit } from '../../terminal/unit.ts';

/** Display of a training: prints remarks as lines, and shows the steps as a progress bar. */
export interface Display {
  readonly onEvent: OnEvent;
  /** Ends the progress bar. */
  stop(): void;
}

/**
 * Shows the events of a training on standard error.
 *
 * @param unit Unit of the losses, known once the training is planned.
 */
export const fitDisplay = (options: OutputOptions, unit: () => Unit): Display => {
  let bar: Progress | undefined;
  // The step after which `bar` began: rates are measured from there.
  let [total, first] = [0, 0];
  let isTimed = false;
  const begin = (step: number): Progress => {
    first = step;
    return progressDisplay({ total: () => total, start: step, unit: unit(), quiet: options.quiet ?? false });
  };
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const told = new Set<string>();
  const tell = (text: string): void => {
    stop();
    if (!told.has(text)) note(options, text);
    told.add(text);
  };
  const onEvent = (event: FitEvent): void => {
    switch (event.kind) {
      case 'columns':
        return columnTable(event.columns).forEach(tell);
      case 'choice':
      case 'remark':
        return tell(event.text);
      case 'start':
        stop();
        bar = begin(event.step);
        return;
      case 'step': {
        total = event.steps;
        bar ??= begin(event.step);
        const { step, loss, rows, validation, accuracy, progress } = event;
        // In a training of a fixed number of steps, the progress is exactly the share of the steps.
        isTimed ||= progress !== step / total;
        bar.update({
          step,
          ...(isTimed ? { share: progress } : {}),
          loss,
          rows: rows * (step - first),
          ...(validation === undefined ? {} : { validation }),
          ...(accuracy === undefined ? {} : { accuracy }),
        });
      }
    }
  };
  return { onEvent, stop };
};

/**
 * Maximum number of characters of a line on a terminal whose width is unknown or smaller. A longer description of a
 * column is cut on a terminal, but not in a file.
 */
const WIDTH = 80;
/** Maximum number of characters of the name of a column. A longer name is cut. */
const NAME = 24;

/** Returns aligned lines that show how a training uses each column, or no lines if all columns are plain numbers. */
const columnTable = (columns: readonly ColumnReport[]): readonly string[] => {
  if (columns.every(isPlain)) return [];
  const rows = columns.map(({ name, is, given, gaps, how, rising }) => [
    shortened(name, NAME),
    `${given ? 'condition, ' : ''}${is}`,
    gaps,
    rising ? `${how}; ${ROW_NUMBER}` : how,
  ]);
  const width = process.stderr.isTTY === true ? Math.max(WIDTH, process.stderr.columns ?? 0) : Infinity;
  return table({ head: ['column', 'is', 'gaps', 'how'], rows }, process.stderr)
    .split('\n')
    .map((line, i) => (i === 0 ? line : shortened(line, width)))
    .concat(columns.some(({ how }) => /in steps of/.test(how)) ? [STEPS] : [])
    .concat(columns.some(({ how }) => /spikes? at/.test(how)) ? [SPIKES] : []);
};

const isPlain = ({ is, given, gaps, how, rising }: ColumnReport): boolean =>
  is === 'number' && !given && gaps === 0 && how === 'as it is' && !rising;

const STEPS =
  'The training adds uniform noise, as wide as one step, to columns whose numbers are multiples of a step, so that a density exists. Your file stays as it is, and draws of the model are rounded to steps.';
const SPIKES =
  'At a spike, a value that many cells share, the training adds uniform noise to these cells only, for the same reason.';
const ROW_NUMBER = 'looks like a row number: --leave-out';

const shortened = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
