// How a stack is made to run on this computer.

export { RunningBrowser, type BrowserProfile } from './browser.ts';
export type { BrowserRequest } from './browser-proxy.ts';
export { cacheFolder, othersReach } from './cache.ts';
export { loadStack } from './description-loader.ts';
export { endOf } from './ended.ts';
export type { Hosting } from './hosting.ts';
export { RunningMachine } from './machine.ts';
export { withoutDisks } from './learner-lines.ts';
export { nameOf, parentOf } from './process-tree.ts';
export { OthersCpu } from './others-cpu.ts';
export { MissingProgram } from './programs.ts';
export { Ports } from './ports.ts';
export { RunDirectory } from './run-directory.ts';
export { RunningStack } from './running-stack.ts';
export type { StackOptions } from './stack-options.ts';
export type { StandIn } from './services/stand-in.ts';
export { StartFailure } from './services/service.ts';
export { SourceError, ownFrames } from './source-error.ts';
export { prepareStepFiles, type StepFiles } from './step-files.ts';
export { TimeoutError, pause, until } from './until.ts';
export { Wire, type WireConnection, type WireRecord } from './wire.ts';
