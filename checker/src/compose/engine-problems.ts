export { EngineProblem, explain, problems, type ProblemKind } from '../runtime/containers/engine-problems.ts';
