import { startServiceContainer } from '../containers/service-container.ts';
import type { Log } from '../log.ts';
import { ServiceProcess, type RunningProcess } from '../process.ts';
import type { Home, Launch } from './service.ts';

/** Starts a program as its launch says: as a process of this computer, or from an image. @throws Error when it cannot be run at all */
export function startLaunch({ image, ...launch }: Launch, { home, cwd, log }: { home: Home; cwd: string; log: Log }): Promise<RunningProcess> {
  if (image === undefined) return ServiceProcess.start({ ...launch, cwd, log, run: home.run });
  // Where programs are is the image's matter.
  const env = Object.fromEntries(Object.entries(launch.env).filter(([name]) => name !== 'PATH'));
  return startServiceContainer({ ...launch, env, image, home, log });
}
