// A step's compose.yaml that runs until somebody ends it, as by `npm run up 04 -- --docker`.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { upAll, type IDockerComposeOptions, type IDockerComposeResult } from 'docker-compose';
import { parse } from 'yaml';
import { docker, explain, requireEngine, requireImages, runLabels } from '../runtime/containers/engine.ts';
import { noteDocker } from '../runtime/containers/remains.ts';
import type { RunDirectory } from '../runtime/run-directory.ts';

export interface ProjectOptions {
  /** The text of its compose.yaml. */
  text: string;
  /** `graminsta-04` */
  name: string;
  /** What paths in it begin at. */
  stepFolder: string;
  /** Where files are put for it. */
  folder: string;
  run: RunDirectory;
}

/** Some container ended, or did not get well. */
export class ProjectFailure extends Error {
  override name = 'ProjectFailure';
  /** The last that its containers printed. */
  readonly lines: string[];

  constructor(message: string, lines: string[]) {
    super(message);
    this.lines = lines;
  }
}

interface Document {
  services: Record<string, { image?: string }>;
  networks?: Record<string, unknown>;
}

export class RunningProject {
  readonly name: string;
  readonly #compose: IDockerComposeOptions;
  readonly #arguments: readonly string[];
  #logs: ChildProcess | undefined;

  private constructor(name: string, files: readonly string[], stepFolder: string) {
    this.name = name;
    this.#compose = { cwd: stepFolder, config: [...files], composeOptions: [['--project-directory', stepFolder], ['--project-name', name]], env: process.env };
    this.#arguments = ['compose', '--project-directory', stepFolder, '--project-name', name, ...files.flatMap((file) => ['--file', file])];
  }

  /**
   * Starts its containers; fulfilled when all of them are well. What a killed run left of it is taken over or replaced.
   * @param onFetch told of each image that has to be fetched
   * @throws EngineProblem, ProjectFailure; `down` ends what is there then
   */
  static async prepare({ text, name, stepFolder, folder, run }: ProjectOptions, onFetch: (image: string) => void): Promise<RunningProject> {
    await requireEngine();
    const { services, networks = {} } = parse(text, { merge: true }) as Document;
    await requireImages(Object.values(services).flatMap(({ image }) => image ?? []), onFetch);
    await noteDocker(run.path);
    await mkdir(folder, { recursive: true });
    const [file, labels] = [path.join(folder, 'compose.yaml'), path.join(folder, 'labels.json')];
    await writeFile(file, text);
    // By its label, whatever becomes of this command, the reaper finds what there is. Disks have none: they stay.
    const labelled = (named: object): object => Object.fromEntries(Object.keys(named).map((key) => [key, { labels: runLabels(run.id) }]));
    await writeFile(labels, JSON.stringify({ services: labelled(services), networks: labelled(networks) }, null, 2));
    return new RunningProject(name, [file, labels], stepFolder);
  }

  async up(): Promise<void> {
    try {
      await upAll({ ...this.#compose, commandOptions: ['--wait', '--remove-orphans', '--no-build'] });
    } catch (error) {
      const { err = String(error) } = error as Partial<IDockerComposeResult>;
      const problem = explain(err);
      if (problem) throw problem;
      throw new ProjectFailure(lastLine(err), await this.#lastLines());
    }
  }

  /** What its containers print, from their beginning on. */
  follow(onLine: (line: string) => void): void {
    this.#logs = spawn('docker', [...this.#arguments, 'logs', '--follow', '--no-color'], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#logs.on('error', () => undefined);
    createInterface({ input: this.#logs.stdout! }).on('line', onLine);
  }

  /** Ends its containers, in order; its disks stay. */
  async down(graceMs: number): Promise<void> {
    // Not by the package, which waits for half a second after each command.
    await docker([...this.#arguments, 'down', '--timeout', String(Math.ceil(graceMs / 1000)), '--remove-orphans']);
    this.#logs?.kill();
  }

  #lastLines(): Promise<string[]> {
    return new Promise((resolve) => {
      const lines: string[] = [];
      const logs = spawn('docker', [...this.#arguments, 'logs', '--no-color', '--tail', '8'], { stdio: ['ignore', 'pipe', 'ignore'] });
      logs.once('error', () => resolve([]));
      createInterface({ input: logs.stdout }).on('line', (line) => lines.push(line)).on('close', () => resolve(lines));
    });
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
