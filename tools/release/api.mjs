// `npm run api`: writes the exports of every entry point, with their types, to <package>/etc/<entry>.api.md, so that a
// diff shows changes of the interface. Fails if an export or a member of an export has no docstring.
// `npm run api -- --check` also fails if a report is out of date.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asCommand, emptyFolder } from './run.mjs';
import { entries, publishable, root } from './workspace.mjs';

/** @import { Publishable } from './workspace.mjs' */

/**
 * An API report: its name, its package, and the declarations of an entry point.
 *
 * @typedef {{ folder: string; declarations: string; file: string }} Report
 */

/** @type {typeof import('@microsoft/api-extractor')} */
const extractor = createRequire(import.meta.url)('@microsoft/api-extractor');
const { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } = extractor;

const QUIET = { default: { logLevel: ExtractorLogLevel.None } };

/**
 * Returns the reports of a package, one for each entry point: `trainer.api.md` for `@impflow/trainer`,
 * `trainer-real.api.md` for `@impflow/trainer/real`.
 *
 * @param {Publishable} one
 * @returns {readonly Report[]}
 */
const reportsOf = (one) =>
  entries(one).map(({ specifier, types }) => ({
    folder: one.folder,
    declarations: join(root, one.folder, types),
    file: `${specifier.replace('@impflow/', '').replaceAll('/', '-')}.api.md`,
  }));

/**
 * @param {Report} report
 * @param {string} temporary
 */
const configOf = ({ folder, declarations, file }, temporary) =>
  ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, folder, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: declarations,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            moduleResolution: 'nodenext',
            target: 'es2022',
            lib: ['es2023', 'dom'],
            types: ['node'],
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
          },
          files: [declarations],
        },
      },
      // The report also contains types that are not exported but that an exported type refers to.
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: file,
        reportFolder: join(root, folder, 'etc'),
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { compilerMessageReporting: QUIET, tsdocMessageReporting: QUIET, extractorMessageReporting: QUIET },
    },
  });

/**
 * Compares the reports with the declarations, and writes them unless `check`. Returns the paths of outdated reports.
 *
 * @param {readonly Report[]} reports
 * @param {boolean} check
 */
const compare = (reports, check) => {
  const temporary = emptyFolder('api');
  const configs = reports.map((one) => configOf(one, temporary));
  // One compiler program serves all reports, so that shared declarations are read only once.
  const compilerState = CompilerState.create(configs[0], {
    additionalEntryPoints: reports.slice(1).map(({ declarations }) => declarations),
  });
  const changed = reports.filter(({ folder, file }, i) => {
    mkdirSync(join(root, folder, 'etc'), { recursive: true });
    /** @type {string[]} */
    const problems = [];
    const { apiReportChanged } = Extractor.invoke(configs[i], {
      compilerState,
      localBuild: !check,
      messageCallback: (message) => {
        if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text);
        message.handled = true;
      },
    });
    if (problems.length > 0) throw new Error(`${folder}/etc/${file}: ${problems.join('\n')}`);
    return apiReportChanged;
  });
  rmSync(temporary, { recursive: true });
  return changed.map(({ folder, file }) => `${folder}/etc/${file}`);
};

/**
 * Returns the exports and members in a written report that have no docstring, as `<path>: <declaration>`.
 *
 * @param {Report} report
 */
const undocumented = ({ folder, file }) => {
  const path = `${folder}/etc/${file}`;
  const lines = readFileSync(join(root, path), 'utf8').split('\n');
  // A comment above the declaration marks it, as in "// @public (undocumented)".
  return lines.flatMap((line, i) =>
    /^\s*\/\/.*\(undocumented\)/.test(line) ? [`${path}: ${lines[i + 1]?.trim()}`] : [],
  );
};

await asCommand('api', async () => {
  const {
    values: { check },
  } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const packages = publishable();
  const reports = packages.flatMap(reportsOf);
  const missing = reports.filter(({ declarations }) => !existsSync(declarations));
  if (missing.length > 0)
    throw new Error(
      `no declarations of ${missing.map(({ folder }) => folder).join(', ')}: compile first, node tools/setup.mjs.`,
    );
  const changed = compare(reports, check);
  const stale = packages
    .flatMap(({ folder }) => readdirSync(join(root, folder, 'etc')).map((file) => `${folder}/etc/${file}`))
    .filter((path) => !reports.some(({ folder, file }) => path === `${folder}/etc/${file}`));
  if (!check) for (const path of stale) rmSync(join(root, path));
  const all = [...changed, ...stale];
  if (check && all.length > 0)
    throw new Error(
      `out of date: ${all.join(', ')}.\nRun npm run api and look at the diff: it is what the users of these packages will notice.`,
    );
  const bare = reports.flatMap(undocumented);
  if (bare.length > 0) throw new Error(`without a docstring:\n${bare.join('\n')}\nSay what each is or does.`);
  console.error(
    `[api] ${reports.length} reports, ${all.length === 0 ? 'all up to date' : `written or removed: ${all.join(', ')}`}`,
  );
});
