// Runs a learner's stack.ts and gives back what it describes. In a process of its own: a loop without end, a
// process.exit() or a print there is the learner's mistake, and must not become the checker's.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { StackDescription } from '../stack/description.ts';
import { StackError } from '../stack/stack-error.ts';
import type { RunDirectory } from './run-directory.ts';
import { SourceError, sourceErrorOf } from './source-error.ts';

const stackModule = fileURLToPath(new URL('../stack/index.ts', import.meta.url));

/**
 * @param stepFolder the folder with `stack.ts`
 * @param scratch a folder to write in
 * @param run ends the process, should the command end before it
 * @param timeoutMs how long it may take to describe machines
 * @throws StackError for a mistake in the description, SourceError for one in the code around it.
 */
export async function loadStack(stepFolder: string, scratch: string, run: RunDirectory, timeoutMs = 10_000): Promise<StackDescription> {
  const answerFile = path.join(scratch, 'stack.json');
  const program = path.join(scratch, 'stack.mjs');
  const source = `
    import { writeFileSync } from 'node:fs';
    let answer;
    try {
      const { default: stack } = await import('./stack.ts');
      answer = stack?.machines ? { stack } : { wrong: 'stack.ts does not export a stack. Write: export default defineStack(({ machine }) => { … });' };
    } catch (error) {
      answer = error?.name === 'StackError' ? { wrong: error.message } : { thrown: String(error?.stack ?? error) };
    }
    writeFileSync(${JSON.stringify(answerFile)}, JSON.stringify(answer));
    process.exit(0);
  `;
  try {
    await build({
      stdin: { contents: source, resolveDir: stepFolder, sourcefile: 'load-stack.js' },
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      alias: { 'checker/stack': stackModule },
      absWorkingDir: stepFolder,
      logLevel: 'silent',
    });
  } catch (error) {
    throw sourceErrorOf(error, stepFolder);
  }
  await execute(program, stepFolder, run, timeoutMs);
  if (!existsSync(answerFile)) throw endedItself('exit code 0');
  const answer = JSON.parse(await readFile(answerFile, 'utf8')) as { stack?: StackDescription; wrong?: string; thrown?: string };
  if (answer.wrong !== undefined) throw new StackError(answer.wrong);
  if (answer.thrown !== undefined) throw withAdvice(sourceErrorOf(answer.thrown, stepFolder));
  return answer.stack!;
}

/** Two machines that have to know each other cannot both be described first. */
function withAdvice(error: unknown): unknown {
  if (!(error instanceof SourceError) || !/before initialization/.test(error.message)) return error;
  return new SourceError(error.place, `${error.message}. A service that is described further down is named by its machine: storage.service('node').url`);
}

function execute(program: string, cwd: string, run: RunDirectory, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd, timeout: timeoutMs, killSignal: 'SIGKILL', env: { ...process.env, GRAMINSTA_RUN: run.id } } as const;
    const child = execFile(process.execPath, ['--enable-source-maps', program], options, (error) => {
      if (child.pid !== undefined) run.disown(child.pid);
      if (!error) resolve();
      else if (error.killed) reject(new StackError(`stack.ts did not come to an end within ${timeoutMs / 1000} s. It should describe machines and return.`));
      else reject(endedItself(error.signal ?? `exit code ${String(error.code)}`));
    });
    if (child.pid !== undefined) run.own(child.pid);
  });
}

function endedItself(how: string): StackError {
  return new StackError(`stack.ts ended the process itself (${how}). It should describe machines and return.`);
}
