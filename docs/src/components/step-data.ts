// What the pages know of the steps: plugins/steps reads it from steps/*/step.ts.
import { usePluginData } from '@docusaurus/useGlobalData';
import type { StepData } from '../../plugins/steps';

export type { StepData };
export type ExerciseData = StepData['exercises'][number];

export function useSteps(): StepData[] {
  return usePluginData('steps') as StepData[];
}

export function useStep(number: number): StepData {
  const step = useSteps().find((one) => one.number === number);
  if (!step) throw new Error(`A page shows step ${number}, but no steps/*/step.ts has that number.`);
  return step;
}

/** The exercise with that slug, and the step it belongs to. */
export function useExercise(slug: string): { step: StepData; exercise: ExerciseData } {
  for (const step of useSteps()) {
    const exercise = step.exercises.find((one) => one.slug === slug);
    if (exercise) return { step, exercise };
  }
  throw new Error(`A page shows the exercise "${slug}", but no steps/*/step.ts declares it.`);
}

/** `65 min`, `1 h 30 min`. */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours > 0 ? `${hours} h` : '', rest > 0 || hours === 0 ? `${rest} min` : ''].filter(Boolean).join(' ');
}

export function minutesOf(exercises: ExerciseData[]): number {
  return exercises.reduce((sum, { minutes }) => sum + minutes, 0);
}
