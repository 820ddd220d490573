import { defineStep } from 'checker/step';

export default defineStep({
  number: 1,
  title: 'A single machine',
  users: '1 user',
  pain: 'Everything is on one machine: when it stops in the middle of an upload, the feed shows a broken image.',
  fixed: {
    machines: [{ name: 'server', hosts: 'the app and the database' }],
    entrances: [
      { name: 'web', machine: 'server', meaning: 'where browsers open the page' },
      { name: 'api', machine: 'server', meaning: 'where programs call the API' },
    ],
    variables: [
      { name: 'HOST', meaning: 'the address to listen on' },
      { name: 'PORT', meaning: 'the port to listen on' },
      { name: 'MACHINE_NAME', meaning: 'the name of the machine, sent as X-Served-By with every answer' },
      {
        name: 'DATA_DIR',
        meaning: "a folder on the machine's own disk; the socket of the machine's Postgres is in $DATA_DIR/postgres",
      },
    ],
    bounds: [
      'An image has at most 5 MB (5 × 1024 × 1024 bytes); one of exactly 5 MB is accepted.',
      'PNG, JPEG, WebP and GIF are images.',
      'A page of the feed has at most 50 photos.',
    ],
  },
  exercises: [
    {
      slug: 'start-the-machine',
      title: 'Start the machine',
      kind: 'core',
      minutes: 5,
      files: ['stack.ts', 'src/schema.sql', 'src/health.ts'],
      hints: [
        'Read the last lines of the machine: what does the app look for when it starts, and what was there already the second time?',
        'Three things are missing: a database on the machine, a schema that can be applied twice, and a readiness that asks the database instead of trusting that it is there.',
        "In stack.ts call server.postgres({ user: 'graminsta', database: 'graminsta' }) before server.node(…). In schema.sql write `if not exists` after every `create table` and `create index`. In health.ts let /readyz run `select 1` at each request and answer 503 with the reason when that fails or takes longer than half a second (Promise.race).",
      ],
      checked: [
        'The machine server hosts a database and the app, and both entrances lead to it.',
        '/livez and /readyz answer 200.',
        '/readyz does not answer 200 while the database is silent.',
        'The machine is restarted (SIGTERM, then a start on the same disk), and is ready again with its accounts.',
      ],
    },
    {
      slug: 'upload-and-show',
      title: 'Upload and show a photo',
      kind: 'core',
      minutes: 15,
      files: ['src/photos.ts', 'src/images.ts'],
      buildsOn: ['start-the-machine'],
      hints: [
        'A photo is two things: bytes that must come back exactly as they came, and a caption that is text, whatever it looks like. Who says what type the bytes are?',
        'Let multer receive the form into memory with a limit, let file-type look at the bytes, write them to a file below config.dataDir, and give the caption to the database as a value beside the statement. An image is safe to serve when its stored type and X-Content-Type-Options: nosniff go with it.',
        "Order the handler: requireUser first (401), then multer's single('image') with limits.fileSize of 5 MB (its error LIMIT_FILE_SIZE becomes 413), then fileTypeFromBuffer (415 unless png, jpg, webp or gif), then the file, then `insert … values ($1, $2, $3) returning …`, then 201 with toPhoto. Serve the folder with express.static under /images. Delete with `where id = $1 and user_id = $2`; when no row comes back, look whether the photo exists: 403 if it does, 404 if not.",
      ],
      checked: [
        'A PNG, a JPEG, a WebP and a GIF come back from imageUrl byte for byte, with their type and nosniff, whatever name and type the sender gave them.',
        'An upload without a session gets 401, an image of 5 MB passes, one byte more gets 413, a file that is no image gets 415: a page, a PDF, a WAV, an SVG.',
        'Captions with quotes, emoji, HTML and SQL come back unchanged from GET /api/photos/:id.',
        'DELETE /api/photos/:id answers 204 to the owner, 401 without a session, 403 to others, and 404 once the photo is gone.',
        'Errors are application/problem+json with title, status and detail.',
      ],
    },
    {
      slug: 'feed',
      title: 'The feed',
      kind: 'core',
      minutes: 10,
      files: ['src/feed.ts', 'src/schema.sql'],
      buildsOn: ['upload-and-show'],
      hints: [
        'Someone reads page one, ten photos are uploaded, and they turn to page two. What is at the top of it when pages are counted from the start?',
        'Remember where the reader stopped instead of how many they have seen: `next` names the last photo of the page, and the next page holds what comes after it. Two photos can have the same time, so time alone is not a place.',
        'Order by created_at desc, id desc, and ask for `(created_at, id) < ($1, $2)`. Put both values of the last row into one string (base64url keeps it opaque) and return it as next. Fetch limit + 1 rows: the extra one tells whether next is null. limit is 20 when it is not given and 50 at most.',
      ],
      checked: [
        'GET /api/photos lists the newest photo first, each with its id, username, caption, imageUrl, likes and createdAt.',
        'limit is respected and never more than 50.',
        'While others upload and delete, walking `next` through 120 photos shows each photo that stays exactly once, and ends with next: null.',
        'Photos with the same time are neither lost nor shown twice between pages.',
      ],
    },
    {
      slug: 'likes',
      title: 'Likes count right',
      kind: 'core',
      minutes: 5,
      files: ['src/likes.ts', 'src/photo.ts', 'src/schema.sql'],
      buildsOn: ['feed'],
      hints: [
        'Two requests read 7, both add one, both write 8. Who could decide instead of them?',
        'Store who likes what, not how many do. A table whose primary key is the photo and the user cannot hold one like twice, and the number is a count.',
        'Create likes (photo_id, user_id, primary key (photo_id, user_id)) with photo_id `references photos on delete cascade`. PUT inserts with `on conflict do nothing`, DELETE deletes, both answer with the count. In photo.ts replace 0 by `(select count(*)::int from likes where photo_id = photos.id)`.',
      ],
      checked: [
        '50 users like one photo at the same moment: it has 50 likes.',
        'One user likes a photo 50 times at the same moment: it has 1 like.',
        'Unliking takes the like back, and unliking twice takes back no more. Every answer tells the number.',
        'The feed shows the same number, and it is the same after a restart.',
        'A photo that does not exist gets 404, a like without a session 401.',
      ],
    },
    {
      slug: 'page',
      title: 'The page',
      kind: 'extra',
      minutes: 10,
      files: ['src/page.ts', 'views/page.eta'],
      buildsOn: ['likes'],
      hints: [
        'The page is text that a browser reads as markup. What happens when a caption looks like markup?',
        'Read the feed in page.ts, hand it to the template, and write a card for each photo. Eta has two ways to write a value: one escapes it and one does not.',
        "In page.ts await readFeed(undefined) and pass its photos to render. In page.eta loop with `<% for (const photo of it.photos) { %>` and write an <li class=\"card\"> with an <img> whose src is photo.imageUrl and whose alt is the caption, then the caption, username and likes, all with `<%= … %>`. app.css has the classes feed, card, frame, caption, byline and like.",
      ],
      checked: [
        'The page at / has an image for each of the newest photos, and each image loads.',
        'Captions are on the page as text: read as HTML, none of them makes an element or an attribute.',
        'Each photo shows its username and its likes.',
      ],
    },
    {
      slug: 'data-survives',
      title: 'The data survives',
      kind: 'extra',
      minutes: 20,
      files: ['src/photos.ts', 'src/images.ts'],
      buildsOn: ['feed'],
      hints: [
        'The machine may die between any two lines of your upload. Go through them and say for each gap what the next reader of the feed sees.',
        'A file without a row is a little wasted room; a row without a file is a broken image. And a file that is half written has its name already.',
        'Write the bytes to another name in the same folder, rename the file when it is complete, insert the row after that, and answer last. Await each of them. Node writes through to the disk with writeFile(…, { flush: true }).',
      ],
      checked: [
        'Uploads are held at each of their stages and the machine is killed; after a restart every photo that was answered with 201 is in the feed with all its bytes.',
        'After that restart no photo in the feed lacks its image or has a part of it.',
        'The same when there is no room left on the disk (on Linux).',
      ],
    },
  ],
});
