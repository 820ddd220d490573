// Sharing a photo takes three calls: the API says where to, storage takes the bytes, and the API makes a photo of them.

import { call, Refusal, requireOk } from './api.js';

// A photo takes its time on a slow line.
const patienceMs = 60_000;
// What still fails then would fail a third time.
const tries = 2;

/** The photo that was sent last, with what is needed to go on where it stopped. */
let latest = {};

/**
 * Sent again after it failed, a photo that has arrived is not sent twice: one upload makes one photo.
 * @param form with `image` and `caption`
 * @throws Refusal when the API or storage says no; what `fetch` throws, when one of them does not answer
 */
export async function share(form) {
  const image = form.get('image');
  if (latest.image?.name !== image.name || latest.image.lastModified !== image.lastModified || latest.image.size !== image.size) latest = { image };
  latest.uploadId ??= await upload(image);
  try {
    await call('POST', '/api/photos', { uploadId: latest.uploadId, caption: form.get('caption') });
  } catch (error) {
    // The API knows nothing of it any more. The next try begins anew.
    if (error instanceof Refusal && (error.status === 404 || error.status === 409)) latest = {};
    throw error;
  }
  latest = {};
}

/** @returns the id of the upload, when storage has every byte */
async function upload(image) {
  const { uploadId, url, headers } = await call('POST', '/api/uploads', { type: image.type, size: image.size });
  for (let left = tries; ; left -= 1) {
    try {
      const response = await fetch(url, { method: 'PUT', headers, body: image, signal: AbortSignal.timeout(patienceMs) });
      // There already: it arrived the first time, and only the answer was lost.
      if (response.status !== 409) await requireOk(response);
      return uploadId;
    } catch (error) {
      if (error instanceof Refusal || left === 1) throw error;
    }
  }
}
