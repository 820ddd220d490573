// What a learner's desk does next, as states and events: which exercise is in front of them, what is judged, what a key
// or a saved file brings about. Pure; the terminal, the files and the machines are in `watching.ts`.

import type { Exercise } from '../../stack/step.ts';
import type { Outcome } from '../outcome.ts';
import type { StepPlace } from '../steps.ts';

export type Key = 'again' | 'hint' | 'next' | 'back' | 'all' | 'quit';

export interface Desk {
  /** Every step that there is. */
  places: readonly StepPlace[];
  place: StepPlace;
  /** The exercise in front of the learner. */
  exercise: Exercise;
  /** What came of exercises so far, by their number. */
  known: ReadonlyMap<string, Outcome['verdict']>;
  /** What is judged now: nothing, the exercise in front, or all of the step. */
  judging: 'nothing' | 'one' | 'all';
}

export type Event =
  | { kind: 'saved' }
  | { kind: 'pressed'; key: Key }
  /** One exercise has come to a verdict. */
  | { kind: 'judged'; exercise: Exercise; outcome: Outcome }
  /** All that was asked for has. */
  | { kind: 'done' };

/** What is to be done about an event. */
export type Effect =
  /** Abandons what is judged at the moment. */
  | { kind: 'judge'; exercises: readonly Exercise[] }
  /** The files of another step are in front of the learner now. */
  | { kind: 'watch'; place: StepPlace }
  | { kind: 'hint'; exercise: Exercise }
  | { kind: 'say'; text: string }
  | { kind: 'quit' };

export interface Turn {
  desk: Desk;
  effects: Effect[];
}

/** The desk after an event, and what is to be done. */
export function turn(desk: Desk, event: Event): Turn {
  switch (event.kind) {
    case 'saved':
      return judge(desk, 'one');
    case 'judged':
      return { desk: { ...desk, known: new Map(desk.known).set(event.exercise.number, event.outcome.verdict) }, effects: [] };
    case 'done':
      // After all of them, the first that did not pass is the one to work on.
      return { desk: { ...desk, judging: 'nothing', exercise: desk.judging === 'all' ? toWorkOn(desk) : desk.exercise }, effects: [] };
    case 'pressed':
      return press(desk, event.key);
  }
}

function press(desk: Desk, key: Key): Turn {
  switch (key) {
    case 'again':
      return judge(desk, 'one');
    case 'all':
      return judge(desk, 'all');
    case 'hint':
      return { desk, effects: [{ kind: 'hint', exercise: desk.exercise }] };
    case 'next':
    case 'back':
      return move(desk, key === 'next' ? 1 : -1);
    case 'quit':
      return { desk, effects: [{ kind: 'quit' }] };
  }
}

/** To the exercise beside this one; from the last of a step to the first of the next. */
function move(desk: Desk, by: 1 | -1): Turn {
  const way = desk.places.flatMap((place) => place.step.exercises.map((exercise) => ({ place, exercise })));
  const target = way[way.findIndex(({ exercise }) => exercise === desk.exercise) + by];
  if (!target) return { desk, effects: [{ kind: 'say', text: by === 1 ? 'This is the last exercise.' : 'This is the first exercise.' }] };
  const { desk: moved, effects } = judge({ ...desk, ...target }, 'one');
  return { desk: moved, effects: target.place === desk.place ? effects : [{ kind: 'watch', place: target.place }, ...effects] };
}

function judge(desk: Desk, judging: 'one' | 'all'): Turn {
  return { desk: { ...desk, judging }, effects: [{ kind: 'judge', exercises: judging === 'all' ? desk.place.step.exercises : [desk.exercise] }] };
}

function toWorkOn({ place, known, exercise }: Desk): Exercise {
  const open = place.step.exercises.filter(({ number }) => known.get(number) !== 'passed');
  return open.find(({ kind }) => kind === 'core') ?? open[0] ?? exercise;
}
