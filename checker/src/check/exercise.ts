// A check is one function in one file, `check/<slug>.check.ts`: it makes users, crowds and accidents happen to a
// learner's stack and says what it found.

import type { StandIn } from '../runtime/index.ts';
import type { Region, StackDescription } from '../stack/description.ts';
import type { Exercise, Step } from '../stack/step.ts';
import type { App } from './app.ts';
import type { Browser } from './browser/browser.ts';

export type { StandIn };

export interface StartOptions {
  /** Another stack made from the learner's: a machine swapped, or one more. */
  rearrange?: (stack: StackDescription) => StackDescription;
  /** Machines that stay off until the check starts them. */
  off?: readonly string[];
  /** Addresses of their own for machines, by name: loopback addresses. Only where the system has more than one. */
  hosts?: Record<string, string>;
  /** Over the variables of the step. */
  variables?: Record<string, string>;
  /** Programs of the check in the place of machines' front services, by machine: for what no real app would do. */
  standIns?: Readonly<Record<string, StandIn>>;
  /** Does not wait for `/readyz`. */
  unready?: boolean;
}

export interface BrowserOptions {
  /** Where its person is. */
  region?: Region;
}

export interface Scene {
  step: Step;
  exercise: Exercise;
  /** The stack that the learner describes. */
  description: StackDescription;
  /** Starts the learner's stack on new disks and waits until it is ready. Stopped by itself in the end. */
  start: (options?: StartOptions) => Promise<App>;
  /** A browser with a profile that is new, of somebody who comes in by the entrances of this app in a region, `us` unless it is said. @throws where no browser is installed: then the exercise is not run. */
  openBrowser: (app: App, options?: BrowserOptions) => Promise<Browser>;
  /** Runs something whose time is judged; no other timed section of any command runs meanwhile. */
  timed: <Result>(section: () => Promise<Result>) => Promise<Result>;
}

export type Check = (scene: Scene) => Promise<void>;

/** Marks a function as the check of an exercise. */
export function exercise(check: Check): Check {
  return check;
}
