// Reads `steps/*/step.ts`, the one source of titles, minutes and what is checked, and hands it to the pages.
// The apps of the steps are never imported, and nothing needs to be installed outside docs/.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { LoadContext, Plugin } from '@docusaurus/types';
import createJiti from 'jiti';
import type { Step } from '../../../checker/src/stack/step';

/** A step as the pages know it: what step.ts says, and the name of its folder, which is also its page's. */
export type StepData = Step & { folder: string };

const root = path.resolve(__dirname, '../../..');
const stepsDir = path.join(root, 'steps');
/** Right in another way: pages show some of them beside the solution. */
const alternativesDir = path.join(root, 'checker/test/alternatives');

/** A Docusaurus plugin. Throws when a step's page and its step.ts name different exercises. */
export function steps({ siteDir }: LoadContext): Plugin {
  return {
    name: 'steps',

    loadContent(): StepData[] {
      const found = readdirSync(stepsDir)
        .filter((folder) => existsSync(path.join(stepsDir, folder, 'step.ts')))
        .sort()
        .map(load);
      for (const step of found) assertPageNames(step, path.join(siteDir, 'content/steps', `${step.folder}.mdx`));
      return found;
    },

    contentLoaded({ content, actions }) {
      actions.setGlobalData(content);
    },

    getPathsToWatch() {
      return [`${stepsDir}/*/step.ts`];
    },

    // Pages show files of the steps (plugins/snippet), which the bundler does not know of: when one of
    // them changes, its cache of compiled pages must not be used.
    configureWebpack() {
      return { experiments: { cache: { buildDependencies: [stepsDir, alternativesDir].flatMap(sourceFiles) } } } as object;
    },
  };
}

function load(folder: string): StepData {
  const jiti = createJiti(__filename, {
    interopDefault: true,
    requireCache: false,
    cache: false,
    alias: { 'checker/step': path.join(root, 'checker/src/stack/step.ts') },
  });
  const loaded: unknown = jiti(path.join(stepsDir, folder, 'step.ts'));
  const step = (loaded as { default?: Step }).default ?? (loaded as Step);
  return { ...step, folder };
}

/** Each exercise has a heading `1.3 The feed` with its slug as id: the checker's reports link to it. */
function assertPageNames(step: StepData, page: string): void {
  const text = readFileSync(page, 'utf8');
  for (const { number, title, slug } of step.exercises) {
    const heading = `${number} ${title} {/* #${slug} */}`;
    if (!text.split('\n').some((line) => /^#{2,3} /.test(line) && line.replace(/^#+ /, '') === heading)) {
      throw new Error(`${path.relative(root, page)} lacks the heading of an exercise in step.ts: ### ${heading}`);
    }
  }
}

function sourceFiles(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    if (name === 'node_modules' || name.startsWith('.')) return [];
    const file = path.join(dir, name);
    if (statSync(file).isDirectory()) return sourceFiles(file);
    return /\.(ts|js|sql|eta|html|css|json|conf)$/.test(name) ? [file] : [];
  });
}
