// Builds the site with typedoc. The site has the pages in markdown, the README of each package as its page, and
// the API from docstrings. The result is a static folder that makes no requests to other hosts.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { katex } from '@mdit/plugin-katex';
import {
  Application,
  Converter,
  KindRouter,
  LogLevel,
  MinimalSourceFile,
  normalizePath,
  ReflectionKind,
} from 'typedoc';
import { FACE, groups, packages, pages, root, titleOf } from './pages.mjs';

/**
 * @import { CommentDisplayPart, DeclarationReflection, Reflection } from 'typedoc'
 */

/** @param {string} path */
const here = (path) => new URL(path, import.meta.url).pathname;
const katexFolder = dirname(createRequire(import.meta.url).resolve('katex/dist/katex.min.css'));

/**
 * Builds the site into the folder `out`.
 *
 * @param {string} out
 * @param {{ quiet?: boolean }} [options]
 * @throws for any warning of typedoc, such as a broken link.
 */
export const buildSite = async (out, { quiet = false } = {}) => {
  const css = `${here('../node_modules/.site')}/site.css`;
  mkdirSync(dirname(css), { recursive: true });
  // The font files are next to the stylesheet, in one format only: the format that all current browsers support.
  const formulas = readFileSync(`${katexFolder}/katex.min.css`, 'utf8').replaceAll(
    /,url\(fonts\/[^)]*\.(?:woff|ttf)\) format\("\w+"\)/g,
    '',
  );
  writeFileSync(css, `${formulas}\n${readFileSync(here('site.css'), 'utf8')}`);

  const app = await Application.bootstrap({
    name: 'ImpFlow',
    entryPoints: packages.flatMap(({ entries }) => entries.map(({ source }) => root + source)),
    tsconfig: here('../tsconfig.json'),
    basePath: root,
    readme: `${root}README.md`,
    projectDocuments: pages.map(({ path }) => root + path),
    router: 'pages',
    customCss: css,
    markdownItLoader: (parser) => {
      parser.use(katex, { throwOnError: true, strict: 'error' });
    },
    highlightLanguages: ['typescript', 'javascript', 'shellscript', 'json', 'python', 'html', 'yaml', 'console'],
    // typedoc does not check types, because `tsc` checks them.
    skipErrorChecking: true,
    disableSources: true,
    hideGenerator: true,
    includeVersion: false,
    excludeInternal: true,
    excludeExternals: true,
    githubPages: false,
    searchInComments: true,
    searchInDocuments: true,
    includeHierarchySummary: false,
    sort: ['source-order'],
    sortEntryPoints: false,
    groupOrder: [
      ...Object.keys(groups),
      'Decisions',
      'Modules',
      'Functions',
      'Interfaces',
      'Type Aliases',
      'Variables',
      '*',
    ],
    kindSortOrder: [
      'Document',
      'Project',
      'Module',
      'Function',
      'Class',
      'Interface',
      'TypeAlias',
      'Variable',
      'Reference',
    ],
    navigation: {
      includeCategories: false,
      includeGroups: true,
      includeFolders: true,
      compactFolders: true,
      excludeReferences: true,
    },
    headings: { readme: false, document: false },
    blockTags: [
      '@remarks',
      '@throws',
      '@example',
      '@see',
      '@param',
      '@returns',
      '@typeParam',
      '@deprecated',
      '@defaultValue',
      '@group',
      '@category',
      '@type',
    ],
    validation: {
      notExported: true,
      invalidLink: true,
      invalidPath: true,
      rewrittenLink: true,
      notDocumented: false,
      unusedMergeModuleWith: true,
    },
    jsDocCompatibility: { exampleTag: true, defaultTag: true, inheritDocTag: true, ignoreUnescapedBraces: true },
    logLevel: quiet ? LogLevel.Warn : LogLevel.Info,
  });
  arrange(app);
  app.renderer.defineRouter('pages', PagesRouter);
  const project = await app.convert();
  if (project === undefined || app.logger.hasErrors())
    throw new Error('[docs] The packages could not be read: see above.');
  app.validate(project);
  rmSync(out, { recursive: true, force: true });
  await app.generateDocs(project, out);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error('[docs] typedoc warns: see above. The site allows no warnings.');
  const fonts = `${katexFolder}/fonts`;
  for (const font of readdirSync(fonts).filter((name) => name.endsWith('.woff2')))
    cpSync(`${fonts}/${font}`, `${out}/assets/fonts/${font}`);
};

/** The URL of a page comes from its file name, not from its title, so that links from other sites stay valid. */
class PagesRouter extends KindRouter {
  /**
   * @override
   * @param {Reflection} reflection
   */
  getIdealBaseName(reflection) {
    if (!reflection.isDocument()) return super.getIdealBaseName(reflection);
    const path = pathOf(reflection)
      .slice(root.length)
      .replace(/^docs\//, '')
      .replace(/\.md$/, '');
    return `documents/${path.toLowerCase().replaceAll('/', '-')}`;
  }
}

/**
 * Returns a path in the form that typedoc uses.
 *
 * @param {string} path From the root of the repository.
 */
const sourceAt = (path) => normalizePath(root + path);

/**
 * Returns the file of a page or of a module.
 *
 * @param {Reflection} reflection
 */
const pathOf = (reflection) => {
  const path = reflection.project.files.getReflectionPath(reflection);
  if (path === undefined) throw new Error(`[docs] ${reflection.name} has no file.`);
  return path;
};

/** Weight of the package `impflow` in the search. Other packages export a `fit`, a `load` or a `score` too. */
const FACE_BOOST = 3;

/**
 * Sets the titles and groups of pages, the names and READMEs of packages, and the package that the search finds first.
 *
 * @param {Application} app
 */
const arrange = ({ converter }) => {
  // A link to a name that its package does not export becomes plain text. For other unknown names typedoc prints a
  // warning.
  converter.addUnknownSymbolResolver((_reference, _reflection, _part, symbol) =>
    symbol?.packageName?.startsWith('@impflow/') ? '#' : undefined,
  );
  const pageAt = new Map(pages.map((page) => [root + page.path, page]));
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const page = pageAt.get(pathOf(document));
    if (page === undefined) throw new Error(`[docs] ${document.name} is not listed in pages.mjs.`);
    const { path, group } = page;
    document.name = titleOf(path);
    document.frontmatter.group = group;
    // A link to a folder opens the README of the folder.
    if (path.endsWith('/README.md')) document.project.files.registerReflectionPath(sourceAt(dirname(path)), document);
  });
  /** @type {Map<string, { module: string; folder?: string; readme?: string }>} */
  const moduleAt = new Map(
    packages.flatMap(({ folder, readme, entries }) =>
      entries.map(({ module, source }, i) => [root + source, { module, ...(i === 0 ? { folder, readme } : {}) }]),
    ),
  );
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const modules = /** @type {DeclarationReflection[]} */ (project.getReflectionsByKind(ReflectionKind.Module));
    for (const reflection of modules) {
      const documented = moduleAt.get(pathOf(reflection));
      if (documented === undefined) throw new Error(`[docs] ${reflection.name} is not an entry point of a package.`);
      const { module, folder, readme } = documented;
      reflection.name = module;
      if (module === FACE)
        for (const child of reflection.children ?? [])
          for (const found of [child, ...(child.children ?? [])]) found.relevanceBoost = FACE_BOOST;
      if (folder === undefined) continue;
      project.files.registerReflectionPath(sourceAt(folder), reflection);
      if (readme === undefined) continue;
      // The heading of the README is removed, because typedoc itself shows the title of the page.
      const text = readFileSync(root + readme, 'utf8').replace(/^# .*\n/, '');
      const path = sourceAt(readme);
      reflection.readme = converter.parseRawComment(new MinimalSourceFile(text, path), project.files).content;
      project.files.registerReflectionPath(path, reflection);
    }
  });
  // A folder without a README has no page, so links to it are not changed.
  converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    const modules = /** @type {DeclarationReflection[]} */ (project.getReflectionsByKind(ReflectionKind.Module));
    /** @type {readonly { reflection: Reflection; parts: readonly CommentDisplayPart[] | undefined }[]} */
    const texts = [
      { reflection: project, parts: project.readme },
      ...modules.map((module) => ({ reflection: module, parts: module.readme })),
      ...(project.documents ?? []).map((page) => ({ reflection: page, parts: page.content })),
    ];
    for (const { reflection, parts = [] } of texts) {
      for (const part of parts) {
        const path =
          part.kind === 'relative-link' && part.target !== undefined
            ? project.files.resolve(part.target, project)
            : undefined;
        if (typeof path === 'string' && statSync(path, { throwIfNoEntry: false })?.isDirectory())
          project.files.registerReflectionPath(normalizePath(path), reflection);
      }
    }
  });
};
