import path from 'node:path';
import { expect, test } from 'vitest';
import { isLearnerFile } from '../../src/run/learner-files.ts';

test.each(['stack.ts', 'src/page.ts', 'views/page.eta', 'src/more/deep.sql', 'notes~ideas.md'])('%s is the learner\'s', (file) => {
  expect(isLearnerFile(path.normalize(file))).toBe(true);
});

test.each(['README.md', 'step.ts', 'check/feed.check.ts', 'phone/phone.ts', 'solution/src/page.ts', 'start/stack.ts', 'node_modules/pg/index.js', 'src/.page.ts.swp', 'src/#page.ts#', 'src/.#page.ts', 'src/page.ts~', 'src/4913', '.idea/workspace.xml'])(
  '%s is the workshop\'s, or an editor\'s',
  (file) => {
    expect(isLearnerFile(path.normalize(file))).toBe(false);
  },
);
