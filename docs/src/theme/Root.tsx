// Around all pages, and the same while a reader goes from one to the next.
import type { ReactNode } from 'react';
import { LiveProvider } from '@site/src/components/live/Live';

export default function Root({ children }: { children: ReactNode }) {
  return <LiveProvider>{children}</LiveProvider>;
}
