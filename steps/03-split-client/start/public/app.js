// What the page needs a script for: logging in, uploading, liking. It talks to the same API as everyone else.

const status = document.querySelector('[role="status"]');

/** Sends a request; shows what went wrong and returns nothing when it did. */
async function send(method, url, body) {
  const json = body && !(body instanceof FormData);
  status.textContent = '';
  try {
    const response = await fetch(url, {
      method,
      headers: json ? { 'Content-Type': 'application/json' } : {},
      body: json ? JSON.stringify(body) : body,
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    status.textContent = problem.detail ?? `The server answered ${response.status}.`;
  } catch {
    status.textContent = 'The server cannot be reached. Try again in a moment.';
  }
}

document.querySelector('[data-account]')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const credentials = Object.fromEntries(new FormData(event.target));
  if (await send('POST', event.submitter.value, credentials)) location.assign('/');
});

document.querySelector('[data-upload]')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { target, submitter } = event;
  submitter.disabled = true;
  if (await send('POST', '/api/photos', new FormData(target))) location.assign('/');
  submitter.disabled = false;
});

document.querySelector('[data-log-out]')?.addEventListener('click', async () => {
  if (await send('DELETE', '/api/sessions')) location.assign('/');
});

for (const button of document.querySelectorAll('[data-like]')) {
  button.addEventListener('click', async () => {
    const liked = button.getAttribute('aria-pressed') === 'true';
    const response = await send(liked ? 'DELETE' : 'PUT', `/api/photos/${button.dataset.like}/like`);
    if (!response) return;
    const { likes } = await response.json();
    button.setAttribute('aria-pressed', String(!liked));
    button.querySelector('.count').textContent = likes;
  });
}
