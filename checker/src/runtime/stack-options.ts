import type { Region, ServiceDescription } from '../stack/description.ts';
import type { Hosting } from './hosting.ts';
import type { Ports } from './ports.ts';
import type { RunDirectory } from './run-directory.ts';
import type { StandIn } from './services/stand-in.ts';
import type { StepFiles } from './step-files.ts';

/** How and where a stack runs here. */
export interface StackOptions {
  files: StepFiles;
  /** Where the machines' disks are. */
  stackFolder: string;
  run: RunDirectory;
  ports: Ports;
  /** What its services run in: processes of this computer unless it is said. */
  hosting?: Hosting | undefined;
  /** Set for every Node service and program, over what stack.ts sets. */
  variables?: Record<string, string>;
  /** Loopback addresses at which other machines find a machine, by its name; 127.0.0.1 for those that are not named. */
  hosts?: Record<string, string>;
  /** Machines that stay off until somebody starts them. */
  off?: readonly string[];
  /** What stands in the place of machines' front services, by machine. */
  standIns?: Readonly<Record<string, StandIn>>;
  /** Where whoever dials the public addresses is; in `us` unless it is said. */
  visitorsIn?: Region;
  /** True when the data is to last. */
  durable?: boolean;
  onLog?: (machine: string, service: ServiceDescription, line: string) => void;
}
