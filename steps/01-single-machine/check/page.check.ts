import { load, type CheerioAPI } from 'cheerio';
import { clip, distinct, exercise, photoIn, pictures, requireStatus, requireThat, sentences, type Photo } from 'checker/check';

const captions = [
  'Low tide',
  'Salt & pepper, "quoted" and \'quoted\'',
  '<b id="injected">bold</b>',
  '<script id="injected">document.title = "injected"</script>',
  '"><img id="injected" src="x" onerror="injected()">',
  "' onload='injected()' x='",
  '</title></textarea></style><i id="injected">',
  '</script><img src="x" onerror="injected()">',
];
const did = `Ada posted ${captions.length} photos, and somebody opened the page`;

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  // The page exists before there is anything on it.
  const empty = await app.visitor().opens('/');
  requireStatus(empty, 200, { did: 'Somebody opened the page, and there were no photos yet', why: 'The page is what most people ever see of Graminsta.' });
  const photos: Photo[] = [];
  for (const caption of captions) {
    photos.push(photoIn(await ada.uploads(distinct(pictures.jpeg, caption), { caption }), 201, { did: 'Ada posted a photo', why: 'The page shows what people post.' }));
  }

  const [liked] = photos;
  const fans = await app.members('fan', 3);
  for (const fan of fans) await fan.likes(liked!.id);

  const visitor = app.visitor();
  const page = await visitor.opens('/');
  requireStatus(page, 200, { did, why: 'The page is what most people ever see of Graminsta.' });
  requireThat((page.headers['content-type'] ?? '').startsWith('text/html'), {
    did,
    saw: `${page.call} → content-type: ${page.headers['content-type'] ?? 'none'}`,
    expected: 'content-type: text/html',
    why: 'Browsers show a page only when they are told that it is one.',
    machine: page.machine,
  });

  const source = page.body.toString('utf8');
  const document = load(source, { sourceCodeLocationInfo: true });
  const base = app.stack.entrance('web').url;
  const shown = document('img').toArray().map((image) => absolute(image.attribs['src'] ?? '', base));
  const isShown = ({ imageUrl }: Photo): boolean => shown.includes(absolute(imageUrl, base));
  const text = collapse(document('body').text());
  const injected = document('*').toArray().filter((element) => {
    const attributes = 'attribs' in element ? element.attribs : {};
    return (attributes['id'] ?? '').includes('injected') || Object.entries(attributes).some(([name, value]) => name.startsWith('on') && value.includes('injected'));
  });
  /** A tag as it stands in the page, with a little of what is before it, and without the end of a tag that began earlier. */
  const tagAt = (start: number, end = source.indexOf('>', start) + 1): string =>
    `…${clip(source.slice(Math.max(0, start - 30), start).replace(/^[^<]*>/, '') + source.slice(start, end), 200)}`;
  for (const [index, photo] of photos.entries()) {
    const { caption, imageUrl } = photo;
    const others = photos.flatMap((other, position) => (isShown(other) ? [position + 1] : []));
    requireThat(isShown(photo), {
      did,
      saw: sentences(
        shown.length === 0
          ? 'no images'
          : others.length === 0
            ? `${shown.length} images, and none of them ${imageUrl}`
            : `${shown.length} images: the photos ${others.join(', ')}, counted from the oldest, and not photo ${index + 1}`,
        page.body.equals(empty.body) ? 'the page is byte for byte the same as before the photos were posted' : undefined,
      ),
      expected: `an <img> for each of the newest photos, whose src is the photo's imageUrl`,
      why: others.length === 0 ? 'A photo app without photos on its page is a list.' : 'People come to see what is new.',
      machine: page.machine,
    });
    const beside = besideImage(document, imageUrl, base);
    const isTwice = collapse(load(beside)('body').text()).includes(collapse(caption));
    requireThat(text.includes(collapse(caption)), {
      did: `Ada posted a photo with the caption ${caption}, and somebody opened the page`,
      saw: isTwice
        ? `beside the photo: ${clip(beside)}; that is the caption escaped twice`
        : source.includes(caption)
          ? `the caption as markup: ${tagAt(source.indexOf(caption))}`
          : `beside the photo: ${beside === '' ? 'nothing' : clip(beside)}`,
      expected: 'the caption as text, every character of it',
      why: 'A caption is text. When part of it is read as markup, or taken out, its reader never sees that part.',
      machine: page.machine,
    });
  }

  const byline = besideImage(document, liked!.imageUrl, base);
  requireThat(byline.includes('ada') && /(^|\D)3(\D|$)/.test(byline.replace(liked!.caption, '')), {
    did: `Ada posted "${liked!.caption}", three people liked it, and somebody opened the page`,
    saw: `beside the photo: ${byline === '' ? 'nothing' : byline}`,
    expected: 'her username and 3 likes',
    why: 'A photo is somebody\'s, and people look at what others like.',
    machine: page.machine,
  });

  // Of an element with an end tag, its first tag alone.
  const made: { startOffset: number; endOffset: number; startTag?: { endOffset: number } } | null | undefined = injected[0]?.sourceCodeLocation;
  requireThat(injected.length === 0, {
    did: 'Ada posted captions with HTML in them, and somebody opened the page',
    saw: `an element or attribute that came out of a caption: ${tagAt(made?.startOffset ?? 0, made?.startTag?.endOffset ?? made?.endOffset)}`,
    expected: 'no element and no attribute that a caption made',
    why: 'A script in a caption would run in the browser of everybody who sees it, with their session.',
    machine: page.machine,
  });

  for (const { imageUrl } of photos.slice(0, 2)) {
    requireStatus(await visitor.image(imageUrl), 200, { did: 'Somebody opened the page, and their browser fetched its images', why: 'The page shows what people post.' });
  }
});

/** The text around an image: of as much of the page as holds no other photo. */
function besideImage(document: CheerioAPI, imageUrl: string, base: string): string {
  const image = document('img').toArray().find(({ attribs }) => absolute(attribs['src'] ?? '', base) === absolute(imageUrl, base));
  const around = document(image).parents().toArray().filter((element) => document(element).find('img').length === 1).at(-1);
  return collapse(document(around).text());
}

/** An address as a browser on the page understands it. */
function absolute(address: string, base: string): string {
  return URL.canParse(address, `${base}/`) ? new URL(address, `${base}/`).href : address;
}

/** Text as a browser shows it: runs of white space are one space. */
function collapse(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
