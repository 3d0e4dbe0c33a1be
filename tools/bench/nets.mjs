// Wraps the nets of implicit blocks, so that a measurement can observe them.
import { core, flows, lipschitz } from './library.mjs';

/**
 * @import { Contraction } from '@impflow/core'
 * @import { BuildContext, NetSpec, Registries } from '@impflow/flows'
 */

/**
 * Returns registries whose implicit blocks have nets wrapped by `wrap`.
 *
 * @param {(g: Contraction, name: 'gx' | 'gz', shape: readonly number[]) => Contraction} wrap
 * @param {Registries} [registries]
 * @returns {Registries}
 */
export const withNets = (wrap, registries = flows.builtInRegistries) => {
  /**
   * @param {NetSpec} netSpec
   * @param {BuildContext} build
   * @param {'gx' | 'gz'} name
   */
  const net = ({ activation, ...spec }, { shape, key, activation: create }, name) => {
    const options = { ...spec, key: core.fold(key, name === 'gx' ? 0 : 1), activation: () => create(activation) };
    return wrap(
      shape.length === 3
        ? lipschitz.convNet({ ...options, shape: [shape[0], shape[1], shape[2]] })
        : lipschitz.mlp({ ...options, dim: shape[0] }),
      name,
      shape,
    );
  };
  /** @type {Registries['block']['create']} */
  const create = (named) => {
    if (named.name !== 'implicit') return registries.block.create(named);
    const { gx, gz, build } = /** @type {{ gx: NetSpec; gz: NetSpec; build: BuildContext }} */ (
      /** @type {unknown} */ (named.options)
    );
    return flows.implicitBlock({ ...build.options, gx: net(gx, build, 'gx'), gz: net(gz, build, 'gz') });
  };
  return { ...registries, block: { ...registries.block, create } };
};
