// Sharing a photo takes three calls: the API says where to, storage takes the bytes, and the API makes a photo of them.

import { call, Refusal, requireOk } from './api.js';

// A photo takes its time on a slow line.
const patienceMs = 60_000;

/** The image that has arrived and is no photo yet: what fails after that is tried again from there. */
let arrived;

/**
 * @param form with `image` and `caption`
 * @throws Refusal when the API or storage says no, or the bytes did not arrive; what `fetch` throws, when the API does not answer
 */
export async function share(form) {
  const image = form.get('image');
  if (!isSame(arrived?.image, image)) arrived = { image, uploadId: await upload(image) };
  try {
    // One upload makes one photo: if only the answer was lost, it is the same photo again.
    await call('POST', '/api/photos', { uploadId: arrived.uploadId, caption: form.get('caption') });
  } catch (error) {
    // It is of no use any more: the next try begins anew.
    if (error.status === 404 || error.status === 409) arrived = undefined;
    throw error;
  }
  arrived = undefined;
}

/** @returns the id of the upload, when storage has every byte */
async function upload(image) {
  const { uploadId, url, headers } = await call('POST', '/api/uploads', { type: image.type, size: image.size });
  let response;
  try {
    response = await fetch(url, { method: 'PUT', headers, body: image, signal: AbortSignal.timeout(patienceMs) });
  } catch {
    throw new Refusal(0, 'The photo did not arrive. Share it again in a moment.');
  }
  await requireOk(response);
  return uploadId;
}

/** Each look into a form gives another File of the same file. */
function isSame(one, other) {
  return one?.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}
