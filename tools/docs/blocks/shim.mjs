// Replaces npm, npx, node and impflow while a shell block runs. Commands of the trainer run: `train` and the trials of
// `sweep` take a few steps of a small model, and `doctor` examines one backend. `node` runs the files of the page.
// Commands that install packages or take long are not run, but the script, the file or the package must exist; the log
// lists these commands. `serve` starts its server at a free port, and stops the server.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { root } from './extract.mjs';

const STEPS = 5;
/** Options that set the length of a run; they and their values are removed. */
const LENGTHS = new Set(['--steps', '--seconds', '--warmup']);
const SWEEP_LENGTHS = new Set(['--steps', '--min-steps']);
/** Image data sets. Commands on these sets get a small model and few test images. */
const IMAGES = new Set(['digits', 'fashion-mnist']);
const [name, ...args] = process.argv.slice(2);
const program = `${root}apps/trainer/bin/impflow.mjs`;

/**
 * @param {string} file
 * @param {readonly string[]} rest
 */
const run = (file, rest) => {
  const { status } = spawnSync(process.execPath, [file, ...rest], { stdio: 'inherit' });
  process.exit(status ?? 1);
};
/** @param {string} what */
const looked = (what) => {
  appendFileSync(String(process.env.IMPFLOW_BLOCK_LOG), `${[name, ...args].join(' ')}: ${what}\n`);
  process.exit(0);
};
/** @param {string} what */
const refuse = (what) => {
  console.error(`[docs] ${[name, ...args].join(' ')}: ${what}`);
  process.exit(1);
};

/** @param {readonly string[]} command */
const serve = (command) => {
  const child = spawn(process.execPath, [program, ...command, '--port', '0'], { stdio: ['ignore', 'inherit', 'pipe'] });
  child.stderr.on('data', (said) => {
    process.stderr.write(said);
    if (String(said).includes('Serving')) child.kill('SIGTERM');
  });
  child.on('close', (code) => process.exit(code ?? 1));
};
/** @param {readonly string[]} command */
const impflow = (command) => {
  if (command[0] === 'serve') return serve(command);
  if (command[0] === 'sweep') return run(program, shortSweep(command));
  run(
    program,
    command[0] === 'train' ? shortened(command) : command[0] === 'doctor' ? [...command, '--backend', 'wasm'] : command,
  );
};
/** @param {readonly string[]} command */
const shortened = (command) => {
  const at = command.indexOf('--steps');
  const steps = at === -1 ? STEPS : Math.min(STEPS, Number(command[at + 1]));
  const rest = command.filter((_, i) => !LENGTHS.has(command[i]) && !LENGTHS.has(command[i - 1]));
  const images = IMAGES.has(command[command.indexOf('--data') + 1]);
  const small = command.includes('classify')
    ? ['--widths', '4,4']
    : ['--scales', '1', '--blocks', '1', '--hidden', '4,4', '--dense-blocks', '0'];
  // A resumed run keeps its model.
  if (command.includes('--resume')) return [...rest, '--steps', String(steps)];
  return [
    ...rest,
    '--steps',
    String(steps),
    ...(images
      ? [...small, '--batch', '16', '--test-images', '10']
      : ['--blocks', '2', '--hidden', '16,16', '--workers', '1']),
  ];
};

/** @param {readonly string[]} command */
const shortSweep = (command) => {
  // A sweep that is continued has no option `--param`, and its number of steps is already stored.
  if (!command.includes('--param')) return command;
  const rest = command.filter((_, i) => ![command[i], command[i - 1]].some((each) => SWEEP_LENGTHS.has(String(each))));
  return [...rest, '--steps', '4', '--min-steps', '2', '--hidden', '8,8', '--quiet'];
};

/** Returns the names of the packages of this workspace and of their dependencies. */
const knownPackages = () =>
  new Set(
    ['packages', 'plugins', 'apps']
      .flatMap((folder) => readdirSync(root + folder).map((each) => `${root}${folder}/${each}/package.json`))
      .concat(`${root}package.json`)
      .filter((file) => existsSync(file))
      .flatMap((file) => {
        const { name, dependencies, devDependencies, peerDependencies } = JSON.parse(readFileSync(file, 'utf8'));
        return [name, ...Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })];
      }),
  );

const scripts = () => JSON.parse(readFileSync(`${root}package.json`, 'utf8')).scripts;
const plain = args.filter((arg) => !arg.startsWith('-'));

if (name === 'impflow') impflow(args);
else if (name === 'npx') {
  if (plain[0] === 'impflow') impflow(args.slice(args.indexOf('impflow') + 1));
  else if (existsSync(`${root}node_modules/.bin/${plain[0]}`) || knownPackages().has(plain[0]))
    looked('the tool is a dependency');
  else refuse('expected a tool that the workspace depends on');
} else if (name === 'node') {
  const [file = '', ...rest] = args;
  if (existsSync(file) && !file.startsWith('..')) run(file, rest);
  else if (existsSync(root + plain[0])) looked('the file exists');
  else refuse(`expected a file, of this page or of the repository`);
} else if (name === 'npm') {
  const [verb, script] = plain;
  if (verb === 'run' && script === 'impflow') impflow(args.slice(args.indexOf('--') + 1));
  else if (verb === 'test' || verb === 'start') looked('the script exists');
  else if (verb === 'run' && scripts()[script] !== undefined) looked('the script exists');
  else if (verb === 'install' || verb === 'i') {
    const known = knownPackages();
    const strange = plain
      .slice(1)
      .map((each) => each.replace(/(.)@.*$/, '$1'))
      .filter((each) => !known.has(each) && !each.endsWith('.tgz'));
    if (strange.length === 0) looked('the packages exist');
    refuse(`unknown packages ${strange.join(', ')}`);
  } else if (verb === 'init') looked('a command of npm');
  else refuse('expected a script of package.json');
}
