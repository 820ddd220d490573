import { describe, namesOf, type PictureMachine, type Scene } from './scenes';
import styles from './machines.module.css';

const width = 112;
const gap = 16;
const rowGap = 30;
const margin = 8;
const peopleHeight = 30;
const lineHeight = 17;

interface Box {
  machine: PictureMachine;
  x: number;
  y: number;
  height: number;
}

interface DrawingProps {
  scene: Scene;
  /** Names of machines to mark as new. */
  fresh?: string[];
  /** Names only. */
  compact?: boolean;
}

/** Machines as boxes, people on top, wires between them. */
export function Drawing({ scene, fresh = [], compact = false }: DrawingProps) {
  const { boxes, size } = layout(scene, compact);
  const anchors = new Map<string, { x: number; top: number; bottom: number }>([
    ['people', { x: size.width / 2, top: margin, bottom: margin + peopleHeight }],
    ...boxes.map(
      ({ machine, x, y, height }) => [machine.name, { x: x + width / 2, top: y, bottom: y + height }] as const,
    ),
  ]);
  const news = namesOf(scene).filter((name) => fresh.includes(name));
  const text = describe(scene) + (news.length > 0 ? ` New: ${news.join(', ')}.` : '');
  return (
    <svg
      className={styles.drawing}
      role="img"
      aria-label={text}
      viewBox={`0 0 ${size.width} ${size.height}`}
      style={{ maxWidth: size.width }}
    >
      {scene.wires.map(([from, to]) => {
        const a = anchors.get(from);
        const b = anchors.get(to);
        if (!a || !b) throw new Error(`A wire of a picture ends nowhere: ${from} to ${to}`);
        if (a.top === b.top) {
          const [left, right] = a.x < b.x ? [a, b] : [b, a];
          const y = (a.top + a.bottom) / 2;
          return <path key={`${from}-${to}`} className={styles.wire} d={`M${left.x} ${y} L${right.x} ${y}`} />;
        }
        const middle = (a.bottom + b.top) / 2;
        return (
          <path
            key={`${from}-${to}`}
            className={styles.wire}
            d={`M${a.x} ${a.bottom} C${a.x} ${middle} ${b.x} ${middle} ${b.x} ${b.top}`}
          />
        );
      })}
      <g>
        <rect
          className={styles.people}
          x={size.width / 2 - width / 2}
          y={margin}
          width={width}
          height={peopleHeight}
          rx={peopleHeight / 2}
        />
        <text className={styles.peopleName} x={size.width / 2} y={margin + 20} textAnchor="middle">
          {scene.people}
        </text>
      </g>
      {boxes.map((box) => (
        <Machine key={box.machine.name} box={box} fresh={fresh.includes(box.machine.name)} compact={compact} />
      ))}
    </svg>
  );
}

function Machine({ box, fresh, compact }: { box: Box; fresh: boolean; compact: boolean }) {
  const { machine, x, y, height } = box;
  const shape = fresh ? styles.fresh : styles.machine;
  return (
    <g>
      {machine.count && <rect className={shape} x={x + 8} y={y - 8} width={width - 8} height={height} rx={6} />}
      {machine.count && <rect className={shape} x={x + 4} y={y - 4} width={width - 4} height={height} rx={6} />}
      <rect className={shape} x={x} y={y} width={width} height={height} rx={6} />
      <circle className={fresh ? styles.freshLamp : styles.lamp} cx={x + 13} cy={y + 16} r={3.5} />
      <text className={styles.name} x={x + 23} y={y + 20.5}>
        {machine.name}
        {machine.count && ` × ${machine.count}`}
      </text>
      {fresh && (
        <>
          <rect className={styles.tag} x={x + width - 34} y={y - 9} width={38} height={17} rx={8.5} />
          <text className={styles.tagText} x={x + width - 15} y={y + 3.5} textAnchor="middle">
            new
          </text>
        </>
      )}
      {!compact &&
        machine.hosts.map((host, index) => (
          <text key={host} className={styles.host} x={x + 12} y={y + 41 + index * lineHeight}>
            {host}
          </text>
        ))}
    </g>
  );
}

function layout(scene: Scene, compact: boolean): { boxes: Box[]; size: { width: number; height: number } } {
  const widest = Math.max(...scene.rows.map((row) => row.length));
  const total = widest * width + (widest - 1) * gap + 2 * margin;
  let y = margin + peopleHeight + rowGap;
  const boxes: Box[] = [];
  for (const row of scene.rows) {
    const rowWidth = row.length * width + (row.length - 1) * gap;
    const heights = row.map(({ hosts }) => (compact ? 32 : 34 + hosts.length * lineHeight));
    row.forEach((machine, index) => {
      boxes.push({ machine, x: (total - rowWidth) / 2 + index * (width + gap), y, height: heights[index] ?? 0 });
    });
    y += Math.max(...heights) + rowGap;
  }
  return { boxes, size: { width: total, height: y - rowGap + margin } };
}
