import type { ActivationLaw, AdjointLaw, BackendLaw, BaseLaw, BijectorLaw, ContractionLaw, DataSetLaw, EstimatorLaw, SolverLaw } from '@impflow/testkit';

type Caught<Law extends string> = Readonly<Record<string, readonly Law[]>>;

/** The laws that each plugin of the file of that name breaks: those, and no others. */
export interface Expected {
  readonly solvers: Caught<SolverLaw>;
  readonly adjoints: Caught<AdjointLaw>;
  readonly estimators: Caught<EstimatorLaw>;
  readonly contractions: Caught<ContractionLaw>;
  readonly activations: Caught<ActivationLaw>;
  readonly bijectors: Caught<BijectorLaw>;
  readonly bases: Caught<BaseLaw>;
  readonly backends: Caught<BackendLaw>;
  readonly 'data-sets': Caught<DataSetLaw>;
}

export const expected: Expected = {
  solvers: {
    'sound': [],
    'the step length is the batch\'s': ['a row alone is the row in a batch', 'a bad row touches no other'],
    'stops when one row is done': [
      'finds the fixed point of a contraction', 'finds the root of the other form', 'a row alone is the row in a batch', 'a bad row touches no other',
      'survives a sample that starts at its solution',
    ],
    'spreads NaN': ['a bad row touches no other'],
    'leaks a tensor': ['returns one tensor and keeps none'],
    'its residual lies': ['the residual is the norm at the value'],
    'does nothing': [
      'finds the fixed point of a contraction', 'finds the root of the other form', 'gets closer with every few steps', 'a bad row touches no other',
      'survives a sample that starts at its solution',
    ],
    'throws where it diverges': ['reports divergence instead of throwing'],
    'finds a fixed point of half the map': [
      'finds the fixed point of a contraction', 'finds the root of the other form', 'gets closer with every few steps', 'a bad row touches no other',
    ],
  },
  adjoints: {
    'sound': [],
    'of the wrong sign': [
      'solves the transposed system', 'solves a steep system that is far from normal', 'the residuals are relative to the right-hand side',
      'a system without a solution is a status', 'gradients through implicit are those of differences',
    ],
    'forgets the transpose': [
      'solves the transposed system', 'solves a steep system that is far from normal', 'the residuals are relative to the right-hand side',
      'a system without a solution is a status', 'gradients through implicit are those of differences',
    ],
    'subtracts the Jacobian': [
      'solves the transposed system', 'solves a steep system that is far from normal', 'the residuals are relative to the right-hand side',
      'a system without a solution is a status', 'gradients through implicit are those of differences',
    ],
    'off by a thousandth': [
      'solves the transposed system', 'solves a steep system that is far from normal', 'the residuals are relative to the right-hand side',
      'a system without a solution is a status', 'gradients through implicit are those of differences',
    ],
    'mixes rows': [
      'solves the transposed system', 'solves a steep system that is far from normal', 'takes a right-hand side of any size', 'gives zero for zero',
      'the residuals are relative to the right-hand side', 'a system without a solution is a status', 'a row alone is the row in a batch', 'a bad row touches no other',
      'gradients through implicit are those of differences',
    ],
    'spreads NaN': ['a bad row touches no other'],
    'leaks a tensor': ['returns one tensor and keeps none'],
    'disposes its right-hand side': ['returns one tensor and keeps none'],
    'always converges': ['the residuals are relative to the right-hand side', 'a system without a solution is a status', 'a bad row touches no other'],
    'of an absolute tolerance': ['takes a right-hand side of any size', 'the residuals are relative to the right-hand side'],
    'does not report its end': ['the residuals are relative to the right-hand side', 'gradients through implicit are those of differences'],
  },
  estimators: {
    'sound': [],
    'sound roulette': [],
    'drops terms': ['the log-determinant is what its bias promises', 'the gradient is what its bias promises'],
    'weights of another roulette': ['the log-determinant is what its bias promises', 'the gradient is what its bias promises'],
    'three percent too much': ['the log-determinant is what its bias promises'],
    'exact but for a hundred-thousandth': ['the log-determinant is what its bias promises'],
    'cotangents five percent too large': ['the gradient is what its bias promises'],
    'cotangents of the wrong sign': ['the gradient is what its bias promises'],
    'cotangents of zero': ['the gradient is what its bias promises'],
    'no pair for part': ['the gradient is what its bias promises'],
    'images that are not J t': ['gives a number per row, and pairs shaped as the points'],
    'pairs of flat points': ['gives a number per row, and pairs shaped as the points'],
    'one number for all rows': [
      'gives a number per row, and pairs shaped as the points', 'the log-determinant is what its bias promises', 'rows do not depend on what follows them',
      'a bad row touches no other',
    ],
    'centred over the batch': ['the log-determinant is what its bias promises', 'rows do not depend on what follows them', 'a bad row touches no other'],
    'spreads NaN': ['a bad row touches no other'],
    'spreads NaN in its cotangents': ['a bad row touches no other'],
    'leaks a tensor': ['keeps no tensor'],
    'other numbers where a gradient is wanted': ['the value does not depend on whether a gradient is wanted'],
    'draws for the whole batch at once': ['rows do not depend on what follows them'],
    'ignores its key': [
      'the value does not depend on whether a gradient is wanted', 'rows do not depend on what follows them', 'a bad row touches no other',
      'the same key gives the same numbers',
    ],
  },
  contractions: {
    'sound': [],
    'vjp of the wrong sign': ['vjp is the transpose of jvp', 'all methods agree on the value and its tangents'],
    'vjp without the transpose': ['vjp is the transpose of jvp', 'all methods agree on the value and its tangents'],
    'jvp of another map': [
      'jvp is the derivative', 'vjp is the transpose of jvp', 'all methods agree on the value and its tangents',
      'the Jacobian and the unit tangents agree with jvp', 'pullback is the gradient of value and tangents, to the input and every parameter',
    ],
    'five percent steeper than it says': ['no slope exceeds the bound'],
    'no contraction': ['no slope exceeds the bound'],
    'another value where it tracks': ['all methods agree on the value and its tangents'],
    'images that are not J t': ['all methods agree on the value and its tangents'],
    'a gradient of the wrong sign on the tape': ['all methods agree on the value and its tangents'],
    'units of another order': ['the Jacobian and the unit tangents agree with jvp'],
    'a Jacobian transposed': ['the Jacobian and the unit tangents agree with jvp'],
    'a pullback five percent off': ['pullback is the gradient of value and tangents, to the input and every parameter'],
    'a pullback that drops the pair': ['pullback is the gradient of value and tangents, to the input and every parameter'],
    'a pullback that drops what it adds to': ['pullback is the gradient of value and tangents, to the input and every parameter'],
    'a pullback without the point': ['pullback is the gradient of value and tangents, to the input and every parameter'],
    'trained parameters five percent off': ['pullback is the gradient of value and tangents, to the input and every parameter'],
    'mixes rows': ['all methods agree on the value and its tangents', 'a row alone is the row in a batch', 'a bad row touches no other'],
    'spreads NaN': ['a bad row touches no other'],
    'a pullback that spreads NaN': ['a bad row touches no other'],
    'leaks a tensor': ['returns its results and keeps nothing'],
    'leaks a linearization': ['returns its results and keeps nothing'],
  },
  activations: {
    'sound': [],
    'a net of sound': [],
    'swish that calls itself 1-Lipschitz': ['its slope exceeds the bound nowhere'],
    'a net of swish that calls itself 1-Lipschitz': [],
    'a slope of the wrong sign': ['jvp and vjp are its derivative', 'pullback is the gradient of value and products'],
    'a net of a slope of the wrong sign': ['pullback is the gradient of value and tangents, to the input and every parameter'],
    'a forgotten curvature': ['pullback is the gradient of value and products'],
    'a net of a forgotten curvature': ['pullback is the gradient of value and tangents, to the input and every parameter'],
    'overflows': ['its slope exceeds the bound nowhere', 'finite where its input is'],
    'a net of overflows': [],
    'loses a NaN': ['a NaN stays one, in its own row'],
    'a net of loses a NaN': ['a bad row touches no other'],
    'centred over the batch': ['jvp and vjp are its derivative', 'a NaN stays one, in its own row'],
    'a net of centred over the batch': [
      'jvp is the derivative', 'all methods agree on the value and its tangents', 'a row alone is the row in a batch', 'a bad row touches no other',
    ],
  },
  bijectors: {
    'sound': [],
    'sound and implicit': [],
    'an adjoint of the wrong sign': ['gradients of forward reach every parameter and the input', 'gradients of the inverse reach every parameter and the input'],
    'a log-determinant off by 1e-3': ['the log-determinant is that of the Jacobian'],
    'a log-determinant off by 3e-4 forward': ['the log-determinant is that of the Jacobian', 'the log-determinants of the two directions cancel'],
    'a log-determinant off by 1e-3 forward': ['the log-determinant is that of the Jacobian', 'the log-determinants of the two directions cancel'],
    'a log-determinant of the wrong sign inverse': ['the log-determinants of the two directions cancel'],
    'an inverse off by 1e-3': ['the inverse undoes forward and forward the inverse'],
    'a gradient of the wrong sign': ['gradients of forward reach every parameter and the input'],
    'a log-determinant without a gradient': ['gradients of forward reach every parameter and the input'],
    'a parameter without a gradient': ['gradients of forward reach every parameter and the input', 'gradients of the inverse reach every parameter and the input'],
    'another value alone': ['the methods without a log-determinant give the same value'],
    'mixes rows': [
      'the inverse undoes forward and forward the inverse', 'the log-determinants of the two directions cancel', 'a row alone is the row in a batch',
      'a bad row touches no other',
    ],
    'spreads NaN': ['a bad row touches no other'],
    'leaks a tensor': ['returns its results and keeps nothing'],
    'takes any shape': ['a wrong shape is an error'],
  },
  bases: {
    'sound': [],
    'not normalised': ['integrates to one'],
    'draws five percent too wide': ['draws what its density says'],
    'a gradient of another density': ['gradients are those of differences'],
    'ignores its key': ['the same key gives the same draws'],
    'spreads NaN': ['a bad row has no density and touches no other'],
    'mixes rows': ['integrates to one', 'a row alone is the row in a batch', 'a bad row has no density and touches no other'],
    'leaks a tensor': ['keeps nothing'],
  },
  backends: {
    'a sine that is off by a thousandth': ['operation: sin', 'operation: cos'],
  },
  'data-sets': {
    'sound': [],
    'no license': ['says what it is, whose it is, and under which terms'],
    'a name twice': ['columns have names of their own'],
    'other columns than it says': ['columns have names of their own'],
    'a number too few': ['as many numbers as rows and columns'],
    'a missing value': ['every number is finite'],
    'a constant column': ['no column is constant'],
    'rows that come twice': ['hardly any row comes twice'],
    'changes between loads': ['gives the same rows at every call', 'the caller may write into the rows'],
    'lends its own rows': ['the caller may write into the rows'],
  },
};
