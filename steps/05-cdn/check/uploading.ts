// The three calls of an upload, each with what has to come of it.

import { NotRun, permissionIn, photoIn, requireAnswer, requireThat, type Answer, type Photo, type Picture, type UploadPermission, type User } from 'checker/check';

export interface Permission extends UploadPermission {
  /** When it came, on the clock of `performance.now()`. */
  cameAt: number;
}

/** Asks the API for the permission to upload a picture. @throws Failure */
export async function allowed(user: User, { type, bytes }: Picture): Promise<Permission> {
  const permission = permissionIn(await user.asksToUpload({ type, size: bytes.length }), {
    did: `${user.name} asked the API for the permission to upload: POST /api/uploads { type: "${type}", size: ${bytes.length} }`,
    why: 'The API says who may upload what, and to where. The bytes then go past it.',
  });
  requireThat(URL.canParse(permission.url), {
    did: `${user.name} asked the API for the permission to upload`,
    saw: `url: "${permission.url.slice(0, 120)}"`,
    expected: 'a whole address: https://… or http://…',
    why: 'Whoever uploads may have no page that an address could be relative to.',
  });
  return { ...permission, cameAt: performance.now() };
}

/** Sends the bytes, as they were declared. @param seconds how long permissions last @throws Failure, or NotRun when it ran out on the way. */
export async function stored(user: User, permission: Permission, { fileName, bytes }: Picture, seconds = Infinity): Promise<Answer> {
  const answer = await user.puts(permission, bytes);
  const told = { did: `${user.name} sent ${fileName} to the url of the permission, with its headers`, why: 'Somebody with a permission is to be let in.' };
  if (!answer.ok) requireInTime(permission, seconds);
  requireAnswer(answer, told);
  requireThat(answer.ok, { ...told, kind: answer.status >= 502 ? 'requests failed' : 'wrong answer', saw: String(answer), expected: 'a status from 200 to 299', machine: answer.machine ?? 'storage' });
  return answer;
}

/** @throws NotRun when a permission has all but run out: what is refused now may be refused for that, and for nothing else. */
export function requireInTime({ cameAt }: Permission, seconds: number): void {
  if (performance.now() - cameAt < seconds * 900) return;
  throw new NotRun('This computer was too busy: permissions ran out before they were used.', 'Close what keeps it busy, then run it again.');
}

/** Makes a photo of what was uploaded. @throws Failure */
export async function posted(user: User, { uploadId }: UploadPermission, caption: string): Promise<Photo> {
  return photoIn(await user.postsUploaded(uploadId, { caption }), 201, {
    did: `${user.name} uploaded an image, and posted it: POST /api/photos { uploadId, caption }`,
    why: 'An image that nobody can post is of no use.',
  });
}

/** The whole way. @throws Failure */
export async function uploaded(user: User, picture: Picture, caption: string, seconds?: number): Promise<Photo> {
  const permission = await allowed(user, picture);
  await stored(user, permission, picture, seconds);
  return posted(user, permission, caption);
}
