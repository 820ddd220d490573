import {
  clip,
  distinct,
  exercise,
  photoIn,
  picture,
  pictures,
  requireProblem,
  requireStatus,
  requireThat,
  type App,
  type Picture,
  type User,
} from 'checker/check';

const maxBytes = 5 * 1024 * 1024;

const captions = [
  `"Sunrise" over the 'old' harbour`,
  '海辺の朝 🌅 with emoji',
  '<b>bold</b> & <script>alert(1)</script>',
  `'); DROP TABLE photos; --`,
  String.raw`a \ backslash, a %s and a $1`,
];

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  await bytesRoundTrip(ada);
  await typeIsSniffed(ada);
  await sameNameManyPhotos(ada);
  await wrongUploadsAreRefused(app, ada);
  await captionsAreText(ada);
  await onlyTheOwnerDeletes(app, ada);
});

async function bytesRoundTrip(ada: User): Promise<void> {
  for (const original of [pictures.png, pictures.jpeg, pictures.webp, pictures.gif, picture('larger.jpg')]) {
    const did = `Ada posted ${original.fileName}`;
    const answer = await ada.uploads(original, { caption: original.fileName });
    const photo = photoIn(answer, 201, { did, why: 'A photo app begins with uploading a photo.' });
    await showsAs(ada, photo.imageUrl, original, `${did} and looked at it`);
    const again = photoIn(await ada.photo(photo.id), 200, { did: `${did} and asked for it by its id`, why: 'A photo has an address of its own.' });
    requireThat(again.caption === original.fileName && again.username === 'ada', {
      did: `${did} with the caption "${original.fileName}" and asked for it by its id`,
      saw: `caption "${clip(again.caption)}" by "${clip(again.username)}"`,
      expected: `caption "${original.fileName}" by "ada"`,
      why: 'A photo belongs to somebody and says what they said.',
      machine: answer.machine,
    });
  }
}

/**
 * The image is what it was, and says what it is.
 * @param others posted at the same moment
 */
async function showsAs(viewer: User, imageUrl: string, original: Picture, did: string, others: readonly Picture[] = []): Promise<void> {
  const image = await viewer.image(imageUrl);
  const isAnothers = others.some(({ bytes }) => image.body.equals(bytes));
  requireStatus(image, 200, { did, why: 'A photo that cannot be seen is no photo.' });
  requireThat(image.body.equals(original.bytes), {
    did,
    saw: `${image.call} → ${isAnothers ? 'the bytes of another one of these photos' : `${image.body.length} bytes${image.body.length === original.bytes.length ? ', and not the same ones' : ''}`}`,
    expected: `the ${original.bytes.length} bytes that were posted`,
    why: isAnothers
      ? 'Files of the same name overwrite each other. Phones give many pictures the same name.'
      : 'Bytes that are read as text, cut or converted on their way make a broken image.',
    machine: image.machine,
  });
  const type = image.headers['content-type']?.split(';')[0] ?? 'none';
  requireThat(type === original.type, {
    did,
    saw: `${image.call} → content-type: ${type}`,
    expected: `content-type: ${original.type}, which is what the bytes are`,
    why: 'A browser that is told a wrong type shows nothing, or runs a picture as a page.',
    machine: image.machine,
  });
  requireThat(image.headers['x-content-type-options'] === 'nosniff', {
    did,
    saw: `${image.call} → ${image.headers['x-content-type-options'] === undefined ? 'no x-content-type-options' : `x-content-type-options: ${image.headers['x-content-type-options']}`}`,
    expected: 'x-content-type-options: nosniff',
    why: 'Without it some browsers guess the type by themselves, and a picture may become a page.',
    machine: image.machine,
  });
}

async function typeIsSniffed(ada: User): Promise<void> {
  for (const [original, claimed] of [[pictures.webp, pictures.png], [pictures.png, pictures.gif]] as const) {
    const did = `Ada posted ${original.fileName}, named ${claimed.fileName} and called ${claimed.type} by her phone`;
    const answer = await ada.uploads(original, { claimedType: claimed.type, fileName: claimed.fileName });
    const { imageUrl } = photoIn(answer, 201, { did, why: 'Phones name files wrongly all the time; the bytes are an image.' });
    await showsAs(ada, imageUrl, original, `${did}, and looked at it`);
  }
}

/** Phones call every picture image.jpg, and people post several at once. */
async function sameNameManyPhotos(ada: User): Promise<void> {
  const did = 'Ada posted eight photos at once, all of them named small.jpg, and looked at each';
  const originals = Array.from({ length: 8 }, (_, index) => distinct(pictures.jpeg, `number ${index}`));
  const answers = await Promise.all(originals.map((original) => ada.uploads(original)));
  for (const [index, answer] of answers.entries()) {
    const { imageUrl } = photoIn(answer, 201, { did, why: 'Posting several photos at once is no reason to fail.' });
    await showsAs(ada, imageUrl, originals[index]!, did, originals);
  }
}

async function wrongUploadsAreRefused(app: App, ada: User): Promise<void> {
  const page: Picture = { fileName: 'small.png', type: 'image/png', bytes: Buffer.from('<html><script>alert(1)</script></html>') };
  requireProblem(await ada.uploads(page), 415, {
    did: 'Ada posted a page of HTML, named small.png and called image/png',
    why: 'What the client says about a file is a claim. Only its bytes tell, and this is a page with a script.',
  });
  const documents: Picture[] = [
    { fileName: 'invoice.png', type: 'image/png', bytes: Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n') },
    { fileName: 'song.webp', type: 'image/webp', bytes: Buffer.concat([Buffer.from('RIFF\x24\0\0\0WAVEfmt \x10\0\0\0'), Buffer.alloc(32)]) },
  ];
  for (const document of documents) {
    requireProblem(await ada.uploads(document), 415, {
      did: `Ada posted a ${document.fileName === 'invoice.png' ? 'PDF' : 'WAV'}, named ${document.fileName} and called ${document.type}`,
      why: 'That its bytes are of a known type is not enough: this app shows PNG, JPEG, WebP and GIF.',
    });
  }
  const svg: Picture = { fileName: 'drawing.svg', type: 'image/svg+xml', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>') };
  requireProblem(await ada.uploads(svg), 415, {
    did: 'Ada posted an SVG drawing',
    why: 'An SVG can carry scripts, and is none of the four types that this app shows.',
  });

  const fill = (size: number): Picture => distinct(pictures.png, 'x'.repeat(size - pictures.png.bytes.length - 1));
  const largest = fill(maxBytes);
  const { imageUrl } = photoIn(await ada.uploads(largest), 201, { did: 'Ada posted an image of 5 MB (5 × 1024 × 1024 bytes)', why: 'The limit is 5 MB, and this is no more.' });
  await showsAs(ada, imageUrl, largest, 'Ada posted an image of 5 MB and looked at it');
  const tooLarge = await ada.uploads(fill(maxBytes + 1));
  const { imageUrl: place } = (tooLarge.json ?? {}) as { imageUrl?: unknown };
  const kept = tooLarge.ok && typeof place === 'string' ? await ada.image(place) : undefined;
  requireProblem(tooLarge, 413, {
    also: kept && `its image has ${kept.body.length} bytes of the ${maxBytes + 1} that were posted`,
    did: 'Ada posted an image of 5 MB and one byte',
    why: tooLarge.ok
      ? 'Without a limit, one upload can fill the memory or the disk.'
      : 'Whoever sends too much has to be told so. Only 413 says that a smaller image would do.',
  });

  requireProblem(await app.visitor().uploads(pictures.png), 401, {
    did: 'Somebody who is not logged in posted small.png',
    why: 'Every photo belongs to somebody.',
  });
}

async function captionsAreText(ada: User): Promise<void> {
  for (const caption of captions) {
    const did = `Ada posted small.png with the caption ${caption}`;
    const { id } = photoIn(await ada.uploads(pictures.png, { caption }), 201, { did, why: 'A caption is text, whatever is in it.' });
    const photo = photoIn(await ada.photo(id), 200, { did: `${did} and asked for it`, why: 'A caption is text, whatever is in it.' });
    requireThat(photo.caption === caption, {
      did: `${did} and asked for it`,
      saw: `the caption ${clip(photo.caption)}`,
      expected: `the caption ${caption}`,
      why: 'A caption is stored as it came: beside the SQL statement as a value, and escaped only where it is shown.',
    });
  }
}

async function onlyTheOwnerDeletes(app: App, ada: User): Promise<void> {
  const { id } = photoIn(await ada.uploads(pictures.jpeg), 201, { did: 'Ada posted small.jpg', why: 'A photo app begins with uploading a photo.' });
  const grace = await app.member('grace');
  requireProblem(await app.visitor().deletes(id), 401, {
    did: "Somebody who is not logged in deleted Ada's photo",
    why: 'Who asks comes first, and whose photo it is after that. 401 means "log in", and 403 means "not you".',
  });
  requireProblem(await grace.deletes(id), 403, { did: "Grace deleted Ada's photo", why: 'Only its owner may delete a photo.' });
  photoIn(await ada.photo(id), 200, { did: "Others tried to delete Ada's photo, and she asked for it", why: 'Only its owner may delete a photo.' });
  requireStatus(await ada.deletes(id), 204, { did: 'Ada deleted her photo', why: 'Its owner may delete it.' });
  requireProblem(await ada.photo(id), 404, { did: 'Ada deleted her photo (204) and asked for it', why: 'What is deleted is gone.' });
  requireProblem(await ada.deletes(id), 404, { did: 'Ada deleted her photo a second time', why: 'What is deleted is gone.' });
}
