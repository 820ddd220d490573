// A photo as a form: the way of its bytes before step 5.

import type { Picture } from './picture.ts';

export interface UploadOptions {
  caption?: string;
  /** What the client says the file is, when that is not the truth. */
  claimedType?: string;
  fileName?: string;
  /** Besides those of the form: an `Idempotency-Key`. They go with the call that makes the photo. */
  headers?: Record<string, string>;
}

/** The form as it is sent: its headers, and its body. */
export async function uploadForm(
  picture: Picture,
  { caption = '', claimedType, fileName, headers }: UploadOptions,
): Promise<{ headers: Record<string, string>; body: Buffer }> {
  const form = new FormData();
  form.set('caption', caption);
  form.set('image', new Blob([new Uint8Array(picture.bytes)], { type: claimedType ?? picture.type }), fileName ?? picture.fileName);
  const encoded = new Response(form);
  return {
    headers: { 'content-type': encoded.headers.get('content-type') ?? '', ...headers },
    body: Buffer.from(await encoded.arrayBuffer()),
  };
}
