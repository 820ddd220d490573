import { load } from 'cheerio';
import { distinct, exercise, photoIn, pictures, requireStatus, requireThat, type Photo } from 'checker/check';

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
const did = 'Ada posted photos, and somebody opened the page';

export default exercise(async ({ start }) => {
  const app = await start();
  const ada = await app.member('ada');
  // The page exists before there is anything on it.
  requireStatus(await app.visitor().opens('/'), 200, { did: 'Somebody opened the page, and there were no photos yet', why: 'The page is what most people ever see of Graminsta.' });
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

  const document = load(page.body.toString('utf8'));
  const base = app.stack.entrance('web').url;
  const shown = document('img').toArray().map((image) => absolute(image.attribs['src'] ?? '', base));
  const text = collapse(document('body').text());
  for (const { caption, imageUrl } of photos) {
    requireThat(shown.includes(absolute(imageUrl, base)), {
      did,
      saw: `${shown.length} images, none of them ${imageUrl}`,
      expected: `an <img> whose src is the photo's imageUrl`,
      why: 'A photo app without photos on its page is a list.',
      machine: page.machine,
    });
    requireThat(text.includes(collapse(caption)), {
      did: `Ada posted a photo with the caption ${caption}, and somebody opened the page`,
      saw: text.includes(collapse(escaped(caption))) ? 'the caption escaped twice: people read &lt; instead of <' : 'a page whose text does not hold this caption',
      expected: 'the caption as text, every character of it',
      why: 'A caption is text. When the browser reads part of it as markup, its reader never sees that part.',
      machine: page.machine,
    });
  }

  const card = document('img').toArray().find((image) => absolute(image.attribs['src'] ?? '', base) === absolute(liked!.imageUrl, base));
  // As much of the page around the image as holds no other photo.
  const around = document(card).parents().toArray().filter((element) => document(element).find('img').length === 1).at(-1);
  const byline = collapse(document(around).text());
  requireThat(byline.includes('ada') && /(^|\D)3(\D|$)/.test(byline.replace(liked!.caption, '')), {
    did: `Ada posted "${liked!.caption}", three people liked it, and somebody opened the page`,
    saw: `beside the photo: ${byline === '' ? 'nothing' : byline}`,
    expected: 'her username and 3 likes',
    why: 'A photo is somebody\'s, and people look at what others like.',
    machine: page.machine,
  });

  const injected = document('*').toArray().filter((element) => {
    const attributes = 'attribs' in element ? element.attribs : {};
    return (attributes['id'] ?? '').includes('injected') || Object.entries(attributes).some(([name, value]) => name.startsWith('on') && value.includes('injected'));
  });
  requireThat(injected.length === 0, {
    did: 'Ada posted captions with HTML in them, and somebody opened the page',
    saw: `an element or attribute that came out of a caption: <${injected[0] && 'name' in injected[0] ? injected[0].name : ''}>`,
    expected: 'no element and no attribute that a caption made',
    why: 'A script in a caption would run in the browser of everybody who sees it, with their session.',
    machine: page.machine,
  });

  for (const { imageUrl } of photos.slice(0, 2)) {
    requireStatus(await visitor.image(imageUrl), 200, { did: 'Somebody opened the page, and their browser fetched its images', why: 'The page shows what people post.' });
  }
});

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** An address as a browser on the page understands it. */
function absolute(address: string, base: string): string {
  return URL.canParse(address, `${base}/`) ? new URL(address, `${base}/`).href : address;
}

/** Text as a browser shows it: runs of white space are one space. */
function collapse(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
