import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../fixtures/images', import.meta.url));

/** An image file as somebody has it on their phone. */
export interface Picture {
  fileName: string;
  type: string;
  bytes: Buffer;
}

const types: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp', gif: 'image/gif' };

/** One of the files in `checker/fixtures/images`. */
export function picture(fileName: string): Picture {
  const type = types[path.extname(fileName).slice(1)] ?? 'application/octet-stream';
  return { fileName, type, bytes: readFileSync(path.join(folder, fileName)) };
}

export const pictures = {
  get png(): Picture {
    return picture('small.png');
  },
  get jpeg(): Picture {
    return picture('small.jpg');
  },
  get webp(): Picture {
    return picture('small.webp');
  },
  get gif(): Picture {
    return picture('small.gif');
  },
};

/** A picture like `model` that is no other's: its bytes say whose it is. Every decoder passes over what follows the end of a PNG. */
export function distinct(model: Picture, mark: string): Picture {
  return { ...model, bytes: Buffer.concat([model.bytes, Buffer.from(`\n${mark}`)]) };
}
