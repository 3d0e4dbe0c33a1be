// Runs the job that the query string names, in this page or in a module Worker, and posts the result to the server. The
// job is in the query string, because under this strict policy the test cannot control the page from outside.
import { report, type Job } from './outcome.ts';

const params = new URLSearchParams(location.search);
const job: Job = {
  kernels: params.get('kernels') === 'url' ? 'url' : 'inlined',
  simd: params.get('simd') === 'simd' ? 'simd' : undefined,
  tfjsUrl: params.get('tfjs') ?? undefined,
};

const inWorker = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }) => resolve(data));
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.postMessage(job, []);
  });

const forbidden = async (): Promise<void> => {
  // The content security policy forbids the following two calls. The browser reports the violations as events and on
  // the console.
  await fetch('data:,x').catch(() => undefined);
  await Promise.resolve()
    .then(() => new Function('return 1')())
    .catch(() => undefined);
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
};

const does = async (): Promise<unknown> => {
  if (params.get('job') === 'forbidden') return report(forbidden);
  if (params.get('job') === 'parallel') return report(async () => (await import('./parallel.ts')).parallel());
  if (params.get('where') === 'worker') return inWorker();
  return report(async () => (await import('./work.ts')).work(job));
};

const outcome = await does().catch((error: unknown) => ({ error: String(error) }));
await fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) });
