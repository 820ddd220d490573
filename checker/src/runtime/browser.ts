// Chromium, as it is installed on this computer. Nothing is downloaded. Its profile is in the run directory, and it is
// a process like any other of this run: however the command ends, it ends too.

import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import type { Region } from '../stack/description.ts';
import { BrowserProxy, type BrowserRequest } from './browser-proxy.ts';
import { Log } from './log.ts';
import type { Ports } from './ports.ts';
import { ServiceProcess } from './process.ts';
import { isProgram, locate, MissingProgram } from './programs.ts';
import type { RunDirectory } from './run-directory.ts';
import type { RunningStack } from './running-stack.ts';
import { until } from './until.ts';

/** Longer than the slowest start on a busy laptop. */
const patienceMs = 20_000;

/** A browser of its own for whoever sets this to a program: for one in an unusual place. */
const variable = 'GRAMINSTA_BROWSER';

/** The browser itself goes nowhere; each person in it gets a proxy that leads to one stack. */
const nowhere = ['--proxy-server=http://127.0.0.1:1', '--proxy-bypass-list=<-loopback>'];

const quiet = [
  '--headless',
  // It shows the learner's own page and reaches nothing else; containers and some Linux systems permit no sandbox.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-extensions',
  '--disable-sync',
  '--mute-audio',
  // Keyrings would ask the learner for a password.
  '--password-store=basic',
  '--use-mock-keychain',
  // A tab that lies behind another one works as one that is looked at.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** What one person has open: with cookies and storage of their own. */
export interface BrowserProfile {
  context: BrowserContext;
  /** All that was asked, in this order, also what failed. */
  requests: readonly BrowserRequest[];
  close(): Promise<void>;
}

export class RunningBrowser {
  readonly #folder: string;
  readonly #program: ServiceProcess;
  readonly #driver: Browser;
  readonly #profiles = new Set<BrowserProfile>();

  private constructor(folder: string, program: ServiceProcess, driver: Browser) {
    this.#folder = folder;
    this.#program = program;
    this.#driver = driver;
  }

  /** @throws MissingProgram when there is no browser on this computer, or it does not start. */
  static async launch(run: RunDirectory): Promise<RunningBrowser> {
    const [command, folder, { chromium }] = await Promise.all([browserProgram(), run.forStack(), import('playwright-core')]);
    const log = new Log();
    const program = await ServiceProcess.start({
      command,
      args: [...quiet, ...nowhere, `--user-data-dir=${path.join(folder, 'profile')}`, '--remote-debugging-port=0', 'about:blank'],
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', TZ: 'UTC' },
      log,
      run,
    });
    try {
      const address = await until(
        'Chromium to listen',
        () => {
          if (program.exit) throw new Error('Chromium ended.');
          return log.tail().map((line) => /^DevTools listening on (ws:\S+)/.exec(line)?.[1]).find(Boolean);
        },
        { timeoutMs: patienceMs },
      );
      return new RunningBrowser(folder, program, await chromium.connectOverCDP(address, { artifactsDir: folder, timeout: patienceMs }));
    } catch (error) {
      await program.kill();
      await remove(folder);
      const words = [log.tail(1)[0], error instanceof Error ? error.message : undefined].find(Boolean) ?? 'it said nothing';
      throw new MissingProgram(`The browser ${command} does not start: ${words}`, `run it by hand, ${command} --headless, or name another one in ${variable}`);
    }
  }

  /** A profile that is new, for somebody in a region who knows the public addresses of this stack. @throws StackError when nobody is there */
  async open(stack: RunningStack, ports: Ports, region?: Region): Promise<BrowserProfile> {
    const ways = stack.publicWays(region);
    const port = await ports.take();
    const proxy = await BrowserProxy.open({ port, ways });
    const leave = async (): Promise<void> => {
      await proxy.close();
      ports.giveBack([port]);
    };
    try {
      const context = await this.#driver.newContext({
        proxy: { server: `http://127.0.0.1:${port}`, bypass: '<-loopback>' },
        locale: 'en-GB',
        timezoneId: 'UTC',
      });
      const profile: BrowserProfile = {
        context,
        requests: proxy.requests,
        close: async () => {
          this.#profiles.delete(profile);
          // The browser may have been killed.
          await context.close().catch(() => undefined);
          await leave();
        },
      };
      this.#profiles.add(profile);
      return profile;
    } catch (error) {
      await leave();
      throw error;
    }
  }

  /** Ends it, with all that is open in it. */
  async close(): Promise<void> {
    const profiles = [...this.#profiles];
    await this.#program.kill();
    await Promise.all(profiles.map((profile) => profile.close()));
    await this.#driver.close().catch(() => undefined);
    await remove(this.#folder);
  }
}

/** Its profile, 2 MB and more. */
async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** @throws MissingProgram with the command that adds one */
async function browserProgram(): Promise<string> {
  const named = process.env[variable];
  if (named === undefined || named === '') return locate('chromium', 'This exercise is judged in a browser, Chromium');
  if (await isProgram(named)) return named;
  throw new MissingProgram(`${variable} is ${named}, and there is no such program.`, `set ${variable} to where a Chromium is, or to nothing`);
}
