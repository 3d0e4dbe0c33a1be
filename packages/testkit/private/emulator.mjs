// Runs Node on processors that QEMU emulates. A program takes about ten times as long as without emulation.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** Folder of Debian's libraries for programs for arm64. */
const ARM64 = '/usr/aarch64-linux-gnu';
/** Debian packages with the libraries for arm64 that Node needs. */
const ARM64_PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1'].map((name) => `${name}-arm64-cross`);

const isRequired = process.env['IMPFLOW_SERVICES'] === 'required';

const missing = () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'processors are emulated on Linux for x64 only';
  return isRequired || spawnSync('qemu-x86_64', ['--version']).status === 0
    ? undefined
    : 'qemu-x86_64 is missing (Debian: apt-get install qemu-user)';
};

/**
 * The reason why this machine cannot emulate a processor; undefined if it can. With the environment variable
 * `IMPFLOW_SERVICES=required`, tests run even if QEMU is missing.
 */
export const noEmulator = missing();

/** The reason why this machine cannot run programs for arm64; undefined if it can. */
export const noArm64 =
  noEmulator === undefined && !isRequired && !existsSync(`${ARM64}/lib/libstdc++.so.6`)
    ? `the libraries for arm64 are missing (Debian: apt-get install ${ARM64_PACKAGES.join(' ')})`
    : noEmulator;

/**
 * @typedef {object} Emulated
 * @property {'x64' | 'arm64'} arch
 * @property {string} [cpu] Name of the processor in QEMU. Default: a processor with all features that QEMU emulates.
 * @property {string} [node] Path of a Node for this architecture. Default: the running Node.
 * @property {string} [cwd]
 */

/**
 * Runs a Node program on an emulated processor. Resolves to its standard output.
 *
 * @param {readonly string[]} args Arguments of Node.
 * @param {Emulated} on
 * @throws if the program fails.
 */
export const onProcessor = async (args, { arch, cpu = 'max', node = process.execPath, cwd = process.cwd() }) => {
  const [qemu, ...options] = { x64: ['qemu-x86_64'], arm64: ['qemu-aarch64', '-L', ARM64] }[arch];
  const { stdout } = await promisify(execFile)(String(qemu), [...options, '-cpu', cpu, node, ...args], { cwd });
  return stdout;
};
