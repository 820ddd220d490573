// Marks the steps that are done.
import type { Props } from '@theme/DocSidebarItem/Link';
import Link from '@theme-original/DocSidebarItem/Link';
import { useProgress } from '@site/src/components/live/Live';
import { isDone } from '@site/src/components/live/progress';
import styles from '@site/src/components/live/live.module.css';

export default function StepLink(props: Props) {
  const step = useProgress()?.steps.find(({ name }) => props.item.href === `/steps/${name}`);
  if (!step || !isDone(step)) return <Link {...props} />;
  return <Link {...props} item={{ ...props.item, className: `${props.item.className ?? ''} ${styles.doneStep}` }} />;
}
