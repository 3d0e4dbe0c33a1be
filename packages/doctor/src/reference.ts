/** Summary of the gradient with respect to one parameter. */
export interface GradientSummary {
  readonly norm: number;
  /** Slopes of the loss along the two directions of `referenceDirections`. */
  readonly slopes: readonly number[];
}

/** Loss and gradients of the reference flow. */
export interface Reference {
  /** Mean negative log-density of the reference points, in nats. */
  readonly loss: number;
  /** Summaries of the gradients, by parameter name. */
  readonly gradients: Readonly<Record<string, GradientSummary>>;
}

/**
 * Loss and gradients of the reference flow in float64, computed on the host from the formulas of the paper. A test
 * recomputes these numbers, and prints them if the environment variable IMPFLOW_PRINT_REFERENCE is set.
 */
export const REFERENCE: Reference = {
  loss: 3.2278893935692388,
  gradients: {
    'blocks.0.gx.layers.0.weight': { norm: 0.1030776172702017, slopes: [-0.02832812505702584, 0.08825758498090806] },
    'blocks.0.gx.layers.0.bias': { norm: 0.09580930236317721, slopes: [-0.18682296296518625, -0.07849379884190001] },
    'blocks.0.gx.layers.2.weight': { norm: 0.1484013408652231, slopes: [0.10818718291402646, -0.1298327991263751] },
    'blocks.0.gx.layers.2.bias': { norm: 0.20345096639265817, slopes: [-0.052796161794442194, 0.1876222417535028] },
    'blocks.0.gx.layers.4.weight': { norm: 0.2406086410158377, slopes: [-0.14002439738334868, 0.08147085473694841] },
    'blocks.0.gx.layers.4.bias': { norm: 0.3408959374126992, slopes: [-0.09853739176825399, 0.09853739176825399] },
    'blocks.0.gz.layers.0.weight': { norm: 0.07774835700427125, slopes: [-0.06820592307596826, 0.07299118799944013] },
    'blocks.0.gz.layers.0.bias': { norm: 0.03820969380363859, slopes: [-0.0526226935176885, 0.029281677922155806] },
    'blocks.0.gz.layers.2.weight': { norm: 0.11925914715015425, slopes: [0.0737796381448934, -0.31038137944155375] },
    'blocks.0.gz.layers.2.bias': { norm: 0.1674249145115003, slopes: [-0.007049575007832803, 0.15762642096827853] },
    'blocks.0.gz.layers.4.weight': { norm: 0.28609310789289566, slopes: [-0.12180718130789561, 0.250503445812193] },
    'blocks.0.gz.layers.4.bias': { norm: 0.3408959374126992, slopes: [0.09853739176825399, -0.47192209390160517] },
    'blocks.1.gx.layers.0.weight': { norm: 0.12399884884003214, slopes: [-0.12238859138861373, 0.12349278150941433] },
    'blocks.1.gx.layers.0.bias': { norm: 0.09870894441918587, slopes: [0.09740813530045445, 0.0940127167986294] },
    'blocks.1.gx.layers.2.weight': { norm: 0.15449232083592884, slopes: [-0.0044432468858851245, 0.03998005801660484] },
    'blocks.1.gx.layers.2.bias': { norm: 0.217867445369189, slopes: [-0.13752182316434008, -0.15613168959842108] },
    'blocks.1.gx.layers.4.weight': { norm: 0.24749573890866208, slopes: [0.42293551029553805, -0.11000836036075239] },
    'blocks.1.gx.layers.4.bias': { norm: 0.3432701006916383, slopes: [0.11672791042295322, -0.11672791042295322] },
    'blocks.1.gz.layers.0.weight': { norm: 0.05107033234568199, slopes: [0.11163189287473667, 0.05229263795743743] },
    'blocks.1.gz.layers.0.bias': { norm: 0.027364073035597347, slopes: [-0.043644001957991736, -0.0196729867293954] },
    'blocks.1.gz.layers.2.weight': { norm: 0.07934922894992798, slopes: [0.2085991211577498, 0.07150682517832829] },
    'blocks.1.gz.layers.2.bias': { norm: 0.11060704675407093, slopes: [0.06770834443540591, -0.22303739307335985] },
    'blocks.1.gz.layers.4.weight': { norm: 0.2857852738581555, slopes: [-0.3494247010546677, -0.3089882264296454] },
    'blocks.1.gz.layers.4.bias': { norm: 0.3432701006916383, slopes: [0.11672791042295322, -0.11672791042295322] },
  },
};
