// The commands. Each is a file of its own, read only when it is asked for.

import { constants } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import wrapAnsi from 'wrap-ansi';
import { regions, type Region } from '../stack/description.ts';
import { StackError } from '../stack/stack-error.ts';
import { NotKept } from '../run/kept/kept-file.ts';
import { UsageError } from '../run/steps.ts';
import { currentLook } from '../run/reports/terminal.ts';
import { ExitCode } from './exit.ts';
import { endWithNpm } from './interrupt.ts';
import { npmFlag, npmValue } from './npm.ts';
import type { CheckOptions } from './check.ts';

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
}

function hintLevel(text: string): number {
  if (/^[123]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Levels are 1, 2 and 3.');
}

const program = new Command('graminsta')
  .description('A workshop: scale an app from 1 to 100,000 users, by hand.')
  .exitOverride()
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: (.)/, (_, first: string) => first.toUpperCase())) });

const stepOrExercise = 'a step (2, 02, 02-split-db) or an exercise (2.3); left out: the first step that is not finished';
const step = 'a step: 2, 02, 02-split-db; left out: the first that is not finished';

const onDocker = 'run the machines as containers, all of them';
const asJson = 'print one JSON document and nothing else';

let exitCode: number = ExitCode.ok;

program
  .command('check')
  .argument('[step|exercise]', stepOrExercise)
  .option('--all', 'go on after an exercise that failed', npmFlag('all'))
  .option('--watch', 'judge again whenever a file is saved, beginning at the first exercise not passed', npmFlag('watch'))
  .option('--docker', onDocker, npmFlag('docker'))
  .option('--json', asJson, npmFlag('json'))
  .option('--junit <file>', 'write a JUnit report, for build servers', npmValue('junit'))
  .description('start your machines, behave like users, crowds and accidents, and tell what was seen')
  .action(async (target: string | undefined, options: CheckOptions) => {
    exitCode = await (await import('./check.ts')).check(target, options);
  });

program
  .command('pain')
  .argument('[step]', step)
  .option('--docker', onDocker, npmFlag('docker'))
  .option('--json', asJson, npmFlag('json'))
  .description('show what hurts at this number of users, on your machines as they are')
  .action(async (target: string | undefined, options: { json: boolean; docker: boolean }) => {
    exitCode = await (await import('./pain.ts')).pain(target, options);
  });

program
  .command('up')
  .argument('[step]', step)
  .addOption(new Option('--region <region>', 'where you are, in a step with several regions: what is far from there takes its time').choices(regions).default(regions.find((region) => region === npmValue('region')) ?? 'us'))
  .description('start your machines and leave them running, to look at the app in a browser')
  .option('--docker', onDocker, npmFlag('docker'))
  .action(async (target: string | undefined, { region, docker }: { region: Region; docker: boolean }) => {
    if (docker) exitCode = await (await import('./up-docker.ts')).upOnDocker(target);
    else exitCode = await (await import('./up.ts')).up(target, region);
  });

program
  .command('compose')
  .argument('[step]', step)
  .option('--print', 'print the file and write nothing', npmFlag('print'))
  .option('--force', 'overwrite a compose.yaml that was changed', npmFlag('force'))
  .description('write your machines as a compose.yaml, to run them with Docker')
  .action(async (target: string | undefined, options: { print: boolean; force: boolean }) => {
    exitCode = await (await import('./compose.ts')).compose(target, options);
  });

program
  .command('hint')
  .argument('[exercise]', 'an exercise: 2.3; left out: the one to go on with')
  .option('--level <level>', 'up to this one, from 1 to 3, without counting', hintLevel)
  .option('--json', asJson, npmFlag('json'))
  .description('a nudge; asked again, an idea; asked once more, the way')
  .action(async (target: string | undefined, options: { level?: number; json: boolean }) => {
    const fromNpm = npmValue('level');
    const level = options.level ?? (fromNpm === undefined ? undefined : hintLevel(fromNpm));
    exitCode = await (await import('./hint.ts')).hint(target, { ...options, ...(level !== undefined && { level }) });
  });

program
  .command('solution')
  .argument('[step|exercise]', stepOrExercise)
  .option('--diff', 'show it as a difference to your files', npmFlag('diff'))
  .option('--apply', 'put it in place of your files; a backup is kept', npmFlag('apply'))
  .option('--json', asJson, npmFlag('json'))
  .description('the reference solution of a step, or of one exercise')
  .action(async (target: string | undefined, options: { diff: boolean; apply: boolean; json: boolean }) => {
    // To npm, --diff is an option with a value: it takes the name that follows for it.
    const taken = npmValue('diff');
    exitCode = await (await import('./solution.ts')).solution(target ?? taken, { ...options, diff: options.diff || taken !== undefined });
  });

program
  .command('progress')
  .option('--json', asJson, npmFlag('json'))
  .description('how every exercise stands, and where to go on')
  .action(async (options: { json: boolean }) => {
    exitCode = await (await import('./progress.ts')).progress(options);
  });

program
  .command('reset')
  .argument('[step]', step)
  .option('--yes', 'do not ask', false)
  .description('put a step back to its start; a backup of your files is kept')
  .action(async (target: string | undefined, options: { yes: boolean }) => {
    exitCode = await (await import('./reset.ts')).reset(target, options);
  });

program
  .command('doctor')
  .option('--json', asJson, npmFlag('json'))
  .description('what is installed, what each missing thing would unlock, and a text for a bug report')
  .action(async (options: { json: boolean }) => {
    exitCode = await (await import('./doctor.ts')).doctor(options);
  });

program
  .command('start')
  .option('--port <port>', 'serve on this port', portNumber)
  .description('read the workshop in your browser; builds the pages on first use')
  .action(async (options: { port?: number }) => {
    exitCode = await (await import('./start.ts')).start(options);
  });

const wrapped = (message: string): string => wrapAnsi(message, currentLook().width);

endWithNpm();
// Whoever reads on, as `head` does not, is gone: as for any program in a pipe that is the end. The reaper ends the machines.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(128 + constants.signals.SIGPIPE);
  });
}
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // npm takes an option with a value apart, and hands the value on as one more word.
    const isByNpm = error.code === 'commander.excessArguments' && process.env['npm_lifecycle_event'] !== undefined;
    if (isByNpm) console.error('Options with a value follow after --, for example: npm run check 1.2 -- --junit report.xml');
    exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  } else if (error instanceof UsageError) {
    console.error(wrapped(error.message));
    exitCode = ExitCode.usage;
  } else if (error instanceof StackError || error instanceof NotKept) {
    console.error(wrapped(error.message));
    exitCode = ExitCode.failed;
  } else {
    console.error('The checker made a mistake, not you. Please report it with these lines:\n');
    console.error(error instanceof Error ? error.stack : error);
    exitCode = ExitCode.fault;
  }
}
await Promise.all([process.stdout, process.stderr].map(written));
process.exit(exitCode);

/** Waits until all that was printed is in the pipe, which takes 64 kB at once. A reader that is gone is not waited for. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
