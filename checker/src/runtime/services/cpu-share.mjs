// Makes a Node program as slow as a small machine: imported before it, `node --import cpu-share.mjs?share=0.2 server.js`.
// A bucket fills with CPU time at the rate of the share, and what the program uses is taken from it; when it is empty, the
// thread sleeps until it is not. The kernel of a rented machine does the same (CFS bandwidth control). This one needs no
// rights and works on every system, but it sees a piece of work only when it is done: a loop without end is not slowed.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';

const share = Number(new URL(import.meta.url).searchParams.get('share'));
/** What may be saved up: a request after a pause is answered at full speed. */
const savedMs = 10;
const everyMs = 5;

const never = new Int32Array(new SharedArrayBuffer(4));
let seenAt = 0;
let usedMs = 0;
let leftMs = savedMs;

/** What the process has used so far, all its threads together. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Takes from the bucket what was used since the last time, and sleeps for as long as that is more than there was. */
function pay() {
  do {
    const [now, used] = [performance.now(), cpuMs()];
    leftMs = Math.min(savedMs, leftMs + (now - seenAt) * share - (used - usedMs));
    [seenAt, usedMs] = [now, used];
    if (leftMs < 0) Atomics.wait(never, 0, 0, Math.max(1, -leftMs / share));
  } while (leftMs < 0);
}

function begin() {
  unsubscribe('net.server.socket', begin);
  [seenAt, usedMs] = [performance.now(), cpuMs()];
  setInterval(pay, everyMs).unref();
}

// A program loads at full speed, so that nobody waits long for a small machine. It is small from its first connection on.
if (isMainThread) subscribe('net.server.socket', begin);
else begin();
