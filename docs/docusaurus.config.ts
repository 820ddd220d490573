// The site of the workshop. It needs no network: no fonts, analytics or search from elsewhere.
import type * as Preset from '@docusaurus/preset-classic';
import type { Config } from '@docusaurus/types';
import { codeDark, codeLight } from './src/css/code-theme';
import { snippets } from './plugins/snippet';
import { steps } from './plugins/steps';

const config: Config = {
  title: 'Graminsta',
  tagline: 'Scale an app from 1 to 100,000 users, one machine at a time.',
  favicon: 'img/favicon.svg',
  url: 'http://localhost',
  baseUrl: '/',
  // The banner for a wrong baseUrl would link to another site.
  baseUrlIssueBanner: false,
  future: { v4: true, faster: true },

  onBrokenLinks: 'throw',
  onBrokenAnchors: 'throw',
  onDuplicateRoutes: 'throw',
  markdown: { hooks: { onBrokenMarkdownLinks: 'throw', onBrokenMarkdownImages: 'throw' } },

  plugins: [steps],
  presets: [
    [
      'classic',
      {
        docs: {
          path: 'content',
          routeBasePath: '/',
          sidebarPath: './sidebars.ts',
          // Folders of steps are named 01-…, and so are their pages.
          numberPrefixParser: false,
          breadcrumbs: false,
          beforeDefaultRemarkPlugins: [snippets],
        },
        blog: false,
        sitemap: false,
        theme: { customCss: './src/css/custom.css' },
      } satisfies Preset.Options,
    ],
  ],

  themeConfig: {
    colorMode: { respectPrefersColorScheme: true },
    navbar: {
      title: 'Graminsta',
      logo: { alt: '', src: 'img/logo.svg', srcDark: 'img/logo-dark.svg' },
      items: [
        { to: '/set-up', label: 'Start here', position: 'left' },
        { type: 'docSidebar', sidebarId: 'workshop', label: 'The steps', position: 'left' },
        { to: '/commands', label: 'Commands', position: 'right' },
        { to: '/glossary', label: 'Glossary', position: 'right' },
      ],
    },
    footer: {
      copyright:
        'The workshop follows the article <a href="https://alexpareto.com/scalability/systems/2020/02/03/scaling-100k.html">' +
        'Scaling to 100k users</a> by Alex Pareto.',
    },
    prism: { theme: codeLight, darkTheme: codeDark, additionalLanguages: ['bash', 'sql', 'json', 'diff', 'nginx'] },
    tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
  } satisfies Preset.ThemeConfig,
};

export default config;
