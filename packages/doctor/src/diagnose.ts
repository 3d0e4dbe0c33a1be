import type { BackendAdapter } from '@impflow/core';
import { examine } from './examine.ts';
import { isFit, type BackendReport } from './report.ts';

export interface Diagnosis {
  readonly backends: readonly BackendReport[];
  /** The fastest of those that are fit for training; `null` where none is. */
  readonly recommended: string | null;
}

export interface DiagnoseOptions {
  /** Called before and after each backend. */
  readonly onProgress?: (progress: DiagnoseProgress) => void;
  /** How one is examined. Default: {@link examine}, in this thread. */
  readonly examine?: (adapter: BackendAdapter) => Promise<BackendReport>;
}

export interface DiagnoseProgress {
  readonly name: string;
  /** From 1. */
  readonly number: number;
  readonly of: number;
  /** Once it is examined. */
  readonly report?: BackendReport;
}

/**
 * Examines backends one after the other. Recommended is the one with the shortest training step (`stepMs`) among those with single precision, every
 * kernel and the right gradient.
 *
 * @remarks Each backend is measured as one program sees it: wasm on one thread, others on as many as they take themselves.
 */
export const diagnose = async (adapters: readonly BackendAdapter[], { onProgress = () => {}, examine: look = examine }: DiagnoseOptions = {}): Promise<Diagnosis> => {
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
  backends.filter(isFit).reduce<BackendReport | null>((best, report) => best === null || report.stepMs! < best.stepMs! ? report : best, null)?.name ?? null;
