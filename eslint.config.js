import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The layers of checker/src, lowest first: a layer may import only from those below it. */
const layers = ['stack', 'runtime', 'compose', 'check', 'run', 'doctor', 'pages', 'cli'];

/** A check knows a running stack and not how it runs. */
const alsoForbidden = {
  check: { layers: ['runtime', 'compose'], allowTypeImports: true },
};

export default defineConfig(
  {
    ignores: [
      '**/node_modules/',
      '**/.graminsta/',
      'docs/build/',
      'docs/.docusaurus/',
      // The same files as beside it.
      'steps/*/start/',
      // Wrong on purpose.
      'checker/test/mutants/',
      'checker/test/bad-input/',
    ],
  },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    // A rule that is wrong here is changed here, with the reason; there are no exceptions inside the files.
    linterOptions: { noInlineConfig: true },
    rules: {
      eqeqeq: 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An async function without await is how a handler or a stub keeps the shape that its caller expects.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Linted without types: plain JavaScript, the docs (their packages may not be installed), and overlays,
    // whose imports resolve only once they lie over the step they belong to.
    files: ['**/*.{js,mjs}', 'docs/**', 'steps/*/solution/**', 'checker/test/alternatives/**'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    // Node and the browser say at once what is not defined; listing every global twice does not help.
    files: ['**/*.{js,mjs}'],
    rules: { 'no-undef': 'off' },
  },
  layers.map((layer, position) => ({
    files: [`checker/src/${layer}/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: forbiddenImports(layer, position) }],
    },
  })),
  {
    files: ['steps/*/src/**', 'steps/*/solution/src/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '(^|/)checker/',
              message: 'The apps know nothing of the checker: only stack.ts, step.ts and check/ may import it.',
            },
          ],
        },
      ],
    },
  },
);

/**
 * @param {string} layer
 * @param {number} position its place in `layers`
 */
function forbiddenImports(layer, position) {
  const above = layers.slice(position + 1);
  const more = alsoForbidden[layer];
  return [
    ...(above.length > 0
      ? [{ ...importsOf(above), message: `Imports point down: ${layers.join(' ← ')}. ${layer} is below this one.` }]
      : []),
    ...(more
      ? [
          {
            // How to wait, and what the checker is called, are everybody's.
            regex: importsOf(more.layers).regex.replaceAll('(/|$)', '(/(?!until\\.ts$|checker-name\\.ts$)|$)'),
            allowTypeImports: more.allowTypeImports,
            message: `${layer} may know the types of ${more.layers.join(' and ')} (import type), not how they work.`,
          },
        ]
      : []),
    {
      regex: '^(\\.\\./)+(test|steps)/|^steps?-',
      message: 'checker/src stands on its own: it imports neither tests nor steps.',
    },
  ];
}

/** By relative path, or through the package's own name. */
function importsOf(names) {
  const alternatives = names.join('|');
  return { regex: `^(\\.\\./)+(${alternatives})(/|$)|^checker/(src/)?(${alternatives})(/|$)` };
}
