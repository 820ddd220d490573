vcl 4.1;
# An edge as a configuration of Varnish. ORIGIN_HOST and ORIGIN_PORT come from stack.ts. Below these subroutines run those of
# Varnish itself (builtin.vcl): they heed private, no-store, no-cache, Set-Cookie and Vary: *, and keep nothing for a token.

import std;

backend origin {
  .host = "${ORIGIN_HOST}";
  .port = "${ORIGIN_PORT}";
  .connect_timeout = 1s;
  .first_byte_timeout = 5s;
  .between_bytes_timeout = 5s;
}

sub vcl_recv {
  # Edges are for reading.
  if (req.method != "GET" && req.method != "HEAD") { return (synth(405)); }
  # Host is no part of what is asked for, and the origin gets to know nothing of it.
  set req.http.Host = "origin";
  unset req.http.X-Forwarded-Host;
  unset req.http.Forwarded;
  # A cookie is asked for by those who depend on it: by Vary, or with private.
  if (!req.http.Authorization) { return (hash); }
}

sub vcl_backend_response {
  # What the origin does not say may not be guessed, and errors are over when they are over.
  if (beresp.status >= 500 || !(beresp.http.Cache-Control ~ "max-age" || beresp.http.Expires)) {
    set beresp.uncacheable = true;
    set beresp.ttl = 0s;
    # With something older at hand this is no answer at all: see vcl_backend_error.
    if (bereq.is_bgfetch) { return (abandon); }
    return (deliver);
  }
  # After its time is over it stays for when the origin is away. Who asks then gets it while the edge asks.
  set beresp.grace = 365d;
}
