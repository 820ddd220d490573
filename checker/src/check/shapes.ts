// What answers of the contract have to look like, read with care: a learner's app may answer anything.

import type { Answer } from './answer.ts';
import { clip, requireStatus, requireThat, type Told } from './require.ts';
import { permissionOf, type UploadPermission } from './upload-permission.ts';
import type { FeedPage, Photo } from './user.ts';

const photoFields = { id: 'string', username: 'string', caption: 'string', imageUrl: 'string', likes: 'number', createdAt: 'string' };

/** The photo in an answer. @param status the one it has to have, or several that will do. @throws Failure when status or shape are others. */
export function photoIn(answer: Answer, status: number | readonly number[], told: Told): Photo {
  requireStatus(answer, status, told);
  return asPhoto(answer.json, answer, told);
}

/** The page of the feed in an answer. @throws Failure when the status or the shape is another. */
export function feedIn(answer: Answer, told: Told): FeedPage {
  requireStatus(answer, 200, told);
  const page = answer.json as { photos?: unknown; next?: unknown } | undefined;
  const photos = page?.photos;
  const nextIsRight = page?.next === undefined || page.next === null || typeof page.next === 'string';
  requireThat(Array.isArray(photos) && nextIsRight, {
    did: told.did,
    saw: `${answer.call} → ${clip(answer.body.toString('utf8'))}`,
    expected: '{ photos: [...], next } where next is a text, or null at the end',
    why: told.why,
    machine: answer.machine,
  });
  return { photos: photos.map((photo) => asPhoto(photo, answer, told)), next: page?.next as FeedPage['next'] };
}

/** The permission to upload in an answer. @throws Failure when it is none */
export function permissionIn(answer: Answer, told: Told): UploadPermission {
  requireStatus(answer, 201, told);
  const permission = permissionOf(answer);
  requireThat(permission !== undefined, {
    did: told.did,
    saw: `${answer.call} → ${clip(answer.body.toString('utf8'))}`,
    expected: '{ uploadId, url, headers } where headers is an object of texts',
    why: told.why,
    machine: answer.machine,
  });
  return permission;
}

/** The count in the answer to a like. */
export function likesIn(answer: Answer, told: Told): number {
  requireStatus(answer, 200, told);
  const { likes } = (answer.json ?? {}) as { likes?: unknown };
  requireThat(typeof likes === 'number', {
    did: told.did,
    saw: `${answer.call} → ${clip(answer.body.toString('utf8'))}`,
    expected: '{ likes } with a number',
    why: told.why,
    machine: answer.machine,
  });
  return likes;
}

function asPhoto(value: unknown, answer: Answer, told: Told): Photo {
  const photo = (value ?? {}) as Record<string, unknown>;
  const wrong = Object.entries(photoFields).filter(([field, type]) => typeof photo[field] !== type).map(([field, type]) => `${field}: ${type}`);
  requireThat(wrong.length === 0, {
    did: told.did,
    saw: `${answer.call} → ${clip(JSON.stringify(value) ?? 'nothing')}`,
    expected: `a photo with ${wrong.join(', ')}`,
    why: told.why,
    machine: answer.machine,
  });
  return photo as unknown as Photo;
}
