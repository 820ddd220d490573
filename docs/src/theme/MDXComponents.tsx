// The components that pages may use without importing them.
import type { ComponentProps } from 'react';
import MDXComponents from '@theme-original/MDXComponents';
import { Checked } from '@site/src/components/Checked';
import { Exercises } from '@site/src/components/Exercises';
import { Fixed } from '@site/src/components/Fixed';
import { Machines } from '@site/src/components/machines/Machines';
import { Task } from '@site/src/components/Task';

/** A wide table scrolls by itself on a small screen, also with the keyboard. */
function Table(props: ComponentProps<'table'>) {
  return (
    <div className="wide" role="group" aria-label="Table" tabIndex={0}>
      <table {...props} />
    </div>
  );
}

export default { ...MDXComponents, table: Table, Checked, Exercises, Fixed, Machines, Task };
