/**
 * Time limits of every HTTP server of the product, milliseconds, in the form that `createServer` of Node takes.
 *
 * `keepAliveTimeout` is longer than load balancers leave a connection idle (60 s at AWS and nginx): the side that sends
 * requests must be the one that gives an idle connection up, else it sends one on a connection that the server is just
 * closing, and its client gets a 502. The other two are for one request, from its first byte, so that slow or silent
 * clients hold no connection for ever; they do not run while a connection is idle.
 * @example createServer(serverTimeouts, app)
 */
export const serverTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
} as const
