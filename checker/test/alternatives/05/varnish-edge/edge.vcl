vcl 4.1;
# An edge as a configuration of Varnish. ORIGIN_HOST and ORIGIN_PORT come from stack.ts. After these subroutines run those of
# Varnish itself (builtin.vcl): they heed private, no-store, no-cache, Set-Cookie and Vary: *, and keep nothing for a token.

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
  # What clients say of the host, or of another address, must not reach the origin: it is no part of what is asked for.
  set req.http.Host = "origin";
  unset req.http.X-Forwarded-Host;
  unset req.http.X-Forwarded-Proto;
  unset req.http.X-Host;
  unset req.http.X-Original-URL;
  unset req.http.Forwarded;
  # Varnish keeps nothing for people with cookies. Here the origin says what depends on them: with Vary, or with private.
  if (!req.http.Authorization) { return (hash); }
}

sub vcl_backend_response {
  # For how long the origin does not say may not be guessed, and errors are over when they are over.
  if (beresp.status >= 500 || !(beresp.http.Cache-Control ~ "max-age" || beresp.http.Expires)) {
    # In the background this was to replace something older, which is better than trouble. That it is gone is no trouble.
    if (bereq.is_bgfetch && beresp.status >= 500) { return (abandon); }
    set beresp.uncacheable = true;
    set beresp.ttl = 0s;
    return (deliver);
  }
  # After its time it stays for when the origin is away. Whoever asks then gets it, while the edge asks the origin.
  if (beresp.http.Cache-Control ~ "must-revalidate|no-cache") { set beresp.grace = 0s; }
  else { set beresp.grace = 365d; }
}
