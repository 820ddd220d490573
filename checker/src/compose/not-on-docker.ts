// What cannot be judged of machines that are containers, all of them: one list, for the judge, the docs and the tests.

/** Exercises by slug, each with the reason. They are judged without --docker. */
export const notOnDocker: Readonly<Record<string, string>> = {
  'who-is-asking': 'On Docker everybody has the same address, and an app cannot tell people apart by it.',
};

export const withoutDocker = 'Run this exercise without --docker.';
