import { report, type Job } from './outcome.ts';

addEventListener('message', ({ data }: MessageEvent<Job>) => {
  void report(async () => (await import('./work.ts')).work(data)).then((outcome) => {
    postMessage(outcome, {});
  });
});
