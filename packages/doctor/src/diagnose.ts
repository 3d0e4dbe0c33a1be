import type { BackendAdapter } from '@impflow/core';
import { examine } from './examine.ts';
import { isFit, type BackendReport } from './report.ts';

/** Result of {@link diagnose}. */
export interface Diagnosis {
  /** One report per adapter, in the order of the adapters. */
  readonly backends: readonly BackendReport[];
  /** Name of the fastest backend that {@link isFit} accepts; `null` if it accepts no backend. */
  readonly recommended: string | null;
}

/** Options of {@link diagnose}. */
export interface DiagnoseOptions {
  /** Function that is called before and after the examination of each backend. Default: no calls. */
  readonly onProgress?: (progress: DiagnoseProgress) => void;
  /** Function that examines one backend. Default: {@link examine}, in this thread. */
  readonly examine?: (adapter: BackendAdapter) => Promise<BackendReport>;
}

/** Progress of {@link diagnose}. */
export interface DiagnoseProgress {
  /** Name of the backend. */
  readonly name: string;
  /** Position of the backend among the adapters, from 1. */
  readonly number: number;
  /** Number of adapters. */
  readonly of: number;
  /** Report of the backend. Absent in the call before the examination. */
  readonly report?: BackendReport;
}

/**
 * Examines backends one after the other and recommends one: the backend with the shortest training step (`stepMs`)
 * among those that {@link isFit} accepts.
 *
 * @remarks Each backend is measured with the number of threads that it uses in a program without workers: one thread
 * for wasm, and for other backends the number that the backend chooses.
 */
export const diagnose = async (
  adapters: readonly BackendAdapter[],
  { onProgress = () => {}, examine: look = examine }: DiagnoseOptions = {},
): Promise<Diagnosis> => {
  const backends: BackendReport[] = [];
  for (const [i, adapter] of adapters.entries()) {
    const at = { name: adapter.name, number: i + 1, of: adapters.length };
    onProgress(at);
    const report = await look(adapter);
    backends.push(report);
    onProgress({ ...at, report });
  }
  return { backends, recommended: recommend(backends) };
};

const recommend = (backends: readonly BackendReport[]): string | null =>
  backends
    .filter(isFit)
    .reduce<BackendReport | null>(
      (best, report) => (best === null || report.stepMs! < best.stepMs! ? report : best),
      null,
    )?.name ?? null;
