// What `npm run doctor -- --json` prints, described by docs/static/schemas/doctor.schema.json. A field is never taken
// away or given another meaning within a `format`; others may join.

/** `fine`; `wrong`: the steps need it to be otherwise; `note`: worth knowing, and the steps go on. */
export type State = 'fine' | 'wrong' | 'note';

/** Where a check belongs in the report. */
export type Section = 'programs' | 'computer' | 'folder' | 'commands';

/** One thing that was looked at. */
export interface Check {
  /** Stays the same from version to version: `node`, `program.chromium`. */
  id: string;
  section: Section;
  /** What people call it. */
  name: string;
  state: State;
  /** In words, without a full stop. */
  saw: string;
  /** What is not run as long as it stays so. */
  notRun?: string;
  /** A command, or what else to do about it. */
  remedy?: string;
}

/** A command that runs now. */
export interface RunningCommand {
  pid: number;
  /** In ISO 8601. */
  since: string;
}

/** A folder that a killed command left behind, and how many of its processes still ran. */
export interface Leftover {
  folder: string;
  processes: number;
}

export interface Runs {
  running: RunningCommand[];
  /** Found, and swept. */
  swept: Leftover[];
  /** Processes of commands that are gone, and whose folder is gone too: no sweep finds them. */
  strays: number[];
}

export interface DoctorDocument {
  document: 'graminsta.doctor';
  format: 1;
  /** Whether all is well that the steps need. */
  ready: boolean;
  /** Of the workshop; the revision is the git commit, null where there is none. */
  workshop: { version: string; revision: string | null };
  checks: Check[];
  runs: Runs;
  /** Markdown to paste into a bug report. */
  bugReport: string;
}
