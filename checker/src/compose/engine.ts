// Docker, as the runtime looks at it.

export { docker, EngineProblem, explain, findEngine, lookAtEngine, requireEngine, requireImages, runLabels, sweepLeftovers, type Engine, type Swept } from '../runtime/containers/engine.ts';
export { images } from '../runtime/containers/images.ts';
