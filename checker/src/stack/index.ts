export { defineStack } from './define.ts';
export type {
  Environment,
  Machine,
  MachineGroup,
  MachineOptions,
  PostgresOptions,
  PostgresService,
  ServiceGroup,
  StackBuilder,
  Volume,
  WebService,
} from './define.ts';
export { StackError } from './stack-error.ts';
