import { diagnose, unavailable, examine, type BackendReport, type Diagnosis } from '@impflow/doctor';
import { number } from 'impflow/run';
import { backends, DEFAULT_BACKEND } from '../adapters/backends.ts';
import { askChild } from '../backends/child-process.ts';
import { note, printResult, type OutputOptions } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';

export interface DoctorOptions extends OutputOptions {
  /** Names of the backends to examine. Default: all. */
  readonly backend?: readonly string[];
}

// URL of the compiled module. The module does not exist if this file runs from source.
const MODULE = new URL('../backends/examine-process.js', import.meta.url);

/** Examines the backends of this machine. Returns 0, or 1 if no backend is fit for training. */
export const doctor = async (options: DoctorOptions): Promise<number> => {
  const { backend: names = backends.names } = options;
  const diagnosis = await diagnose(
    names.map((name) => backends.create({ name })),
    {
      examine: async (adapter) => {
        // The reason why a backend is unavailable is determined in this process.
        if (!(await adapter.isAvailable())) return examine(adapter);
        return askChild<BackendReport>(MODULE, adapter.name).catch((error: unknown) =>
          unavailable(adapter.name, (error as Error).message, 0),
        );
      },
      onProgress: ({ name, number: at, of, report: done }) => {
        if (done === undefined) note(options, `Examining ${name} (${at} of ${of})`);
      },
    },
  );
  printResult(options, diagnosis, () => diagnosisText(diagnosis));
  return diagnosis.recommended === null ? 1 : 0;
};

/**
 * Returns the diagnosis as text: a row for each backend, why some backends are unavailable, the problems found and a
 * recommendation.
 */
export const diagnosisText = ({ backends: reports, recommended }: Diagnosis): string => {
  const here = reports.filter(({ available }) => available);
  const lines = table({
    head: [
      'backend',
      'runs on',
      'gradient error',
      'GF/s: a b',
      'a bT',
      'aT c',
      'thin',
      'step (ms)',
      'read-back (ms)',
      'missing ops',
    ],
    rows: reports.map((each) => (each.available ? row(each) : [each.name, 'not available'])),
    digits: 3,
  });
  const absent = reports.filter(({ available }) => !available);
  const width = Math.max(0, ...absent.map(({ name }) => name.length));
  return [
    ...(here.length === 0 ? [] : [lines, LEGEND]),
    ...(absent.length === 0
      ? []
      : [
          `Not available:\n${absent.map(({ name, reason }) => `  ${name.padEnd(width)}  ${withoutPlace(reason ?? '')}`).join('\n')}`,
        ]),
    ...here.flatMap(troubles),
    ...here.flatMap(({ name, withoutNative }) =>
      withoutNative === undefined ? [] : [`${name} runs without native kernels. ${withoutNative}.`],
    ),
    recommendation(reports, recommended),
  ].join('\n\n');
};

const row = ({
  name,
  precision,
  device,
  threads,
  kernels,
  missingOps,
  gradientCheck: { ok, error },
  gflops,
  stepMs,
  readBackMs,
}: BackendReport): readonly (string | number)[] => [
  name,
  `${device}, ${threads === 1 ? '1 thread' : `${threads} threads`}, ${precision} bits${kernels === undefined ? '' : `, ${kernels}`}`,
  error === null ? 'none' : `${number(error, 2)}${ok ? '' : ' WRONG'}`,
  ...[0, 1, 2, 3].map((i) => gflops[i]?.gflops ?? '-'),
  stepMs ?? '-',
  readBackMs ?? '-',
  missingOps.length === 0 ? 'none' : String(missingOps.length),
];

const LEGEND = `Gradient error: error of the gradient of an implicit flow, compared with float64; correct below 1e-3.
GF/s: billions of floating-point operations a second. a [1000,128], b [128,128], c [1000,128], T transposed; thin: [1000,2] x [2,128].
Step: a gradient step of two blocks of 128-128 on 500 rows, one worker.`;

const troubles = ({
  name,
  missingOps,
  failures,
  precision,
  gradientCheck: { ok, error },
}: BackendReport): readonly string[] => [
  ...(missingOps.length === 0 ? [] : [`${name} lacks operations that flows need: ${missingOps.join(', ')}.`]),
  ...(ok || error === null ? [] : [`${name} computes wrong gradients: do not train on it.`]),
  ...(precision === 32 ? [] : [`${name} computes with ${precision} bits: too few for log-densities and solves.`]),
  ...failures.map((failure) => `${name}: ${failure}`),
];

const recommendation = (reports: readonly BackendReport[], recommended: string | null): string => {
  if (recommended === null) return `None of ${reports.map(({ name }) => name).join(', ')} is fit for training.`;
  const typed =
    recommended === DEFAULT_BACKEND
      ? 'it is the default, so there is nothing to type'
      : `to use it, type: impflow train --backend ${recommended} ...`;
  return `Recommended: ${recommended}, the fastest backend without errors; ${typed}. To measure your own model on each backend, type --backend auto.`;
};

/** Returns an error message without its `[package/function]` prefix. */
const withoutPlace = (message: string): string => message.replace(/^\[[^\]]*\] /, '');
