// The article's line of thought: a beginning, six steps, what is left out, and a reference.
import type { SidebarsConfig } from '@docusaurus/plugin-content-docs';

const sidebars: SidebarsConfig = {
  workshop: [
    { type: 'category', label: 'Start here', collapsed: false, items: ['set-up', 'how-to-use'] },
    {
      type: 'category',
      label: 'The six steps',
      collapsed: false,
      items: [
        { type: 'doc', id: 'steps/01-single-machine', label: '1 user: a single machine' },
        { type: 'doc', id: 'steps/02-split-db', label: '10 users: split out the database' },
        { type: 'doc', id: 'steps/03-split-client', label: '100 users: split out the client' },
        { type: 'doc', id: 'steps/04-load-balancer', label: '1,000 users: a load balancer' },
        { type: 'doc', id: 'steps/05-cdn', label: '10,000 users: a CDN' },
        { type: 'doc', id: 'steps/06-cache-replicas', label: '100,000 users: a cache and read replicas' },
      ],
    },
    { type: 'doc', id: 'beyond', label: 'Beyond' },
    {
      type: 'category',
      label: 'Reference',
      collapsed: false,
      items: ['how-it-works', 'commands', 'docker', 'machine-readable', 'the-api', 'glossary', 'troubleshooting'],
    },
  ],
};

export default sidebars;
