import { hasFailed, outcomes, pain, photoIn, pictures, timelineOf, type CrowdRequest } from 'checker/check';

/** A new colour for the page is deployed, while people use Graminsta on their phones. What do they see? */
export default pain(async ({ start, tell, show }) => {
  const app = await start();
  const home = app.stack.entranceMachine('web');
  const apiHome = app.stack.entranceMachine('api');
  tell(home === apiHome ? `${home} runs: one program, for the page and for the API.` : `${home} runs for the page, and ${apiHome} for the API.`);

  const ada = await app.member('ada');
  const photo = photoIn(await ada.uploads(pictures.jpeg, { caption: 'From my phone' }), 201, { did: 'Ada posted a photo from her phone', why: 'There has to be something to look at.' });
  const phones = app.crowd({ perSecond: 40, people: [ada], does: (who, index) => (index % 4 === 0 ? who.likes(photo.id) : who.feed()) });
  tell('A hundred people use the app on their phones: 40 requests a second.');
  await phones.for(1_000);

  tell(`The page gets a new colour. ${home} is deployed: SIGTERM, then a start.`);
  phones.mark(`${home} deployed`);
  const startedAt = performance.now();
  await app.machine(home).restart();
  await app.untilReady();
  phones.mark('it is back');
  tell(`After ${((performance.now() - startedAt) / 1_000).toFixed(1)} s it is back.`);
  await phones.for(1_000);

  const record = await phones.leaves();
  const failed = record.requests.filter(isTrouble);
  show('What the phones saw:', timelineOf(record, { machines: [apiHome] }));
  tell(
    failed.length === 0
      ? `Of ${record.requests.length} requests of phones not one failed. Nobody noticed that the page has a new colour, but for those who like it.`
      : `${failed.length} of ${record.requests.length} requests of phones failed: ${outcomes(failed)}. None of them had anything to do with the page.`,
  );
  const session = await ada.me();
  tell(session.ok ? 'Ada is still logged in.' : `And Ada was logged out: ${String(session)}. Sessions are in the memory of the program that was deployed.`);
});

function isTrouble(request: CrowdRequest): boolean {
  return hasFailed(request) || request.status >= 400;
}
