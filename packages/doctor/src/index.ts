export { diagnose, type DiagnoseOptions, type DiagnoseProgress, type Diagnosis } from './diagnose.ts';
export { examine, unavailable, type ExamineOptions } from './examine.ts';
export { fastest, whileRunning, type Fastest, type Measure } from './fastest.ts';
export { NEEDED_KERNELS } from './needed-kernels.ts';
export { isFit, type BackendReport, type GradientCheck, type ProductSpeed } from './report.ts';
