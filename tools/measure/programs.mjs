/** Modules of the measurement programs, by name. @type {Readonly<Record<string, string>>} */
export const PROGRAMS = {
  against: '../study/against.mjs',
  backends: '../backends/program.mjs',
  bench: '../bench/program.mjs',
  drift: '../drift/program.mjs',
  duckdb: '../duckdb/program.mjs',
  estimators: '../estimators/program.mjs',
  guide: '../docs/measure/program.mjs',
  images: '../images/program.mjs',
  playground: '../demo/program.mjs',
  repair: '../repair/program.mjs',
  scale: '../scale/program.mjs',
  serve: '../serve/program.mjs',
  solvers: '../solvers/program.mjs',
  study: '../study/program.mjs',
  tables: '../tables/program.mjs',
};
