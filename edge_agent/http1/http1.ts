/**
 * The tolerant HTTP/1.x front of the device port. Door of the room; must not know what a request means.
 */
export { type Answer, Http1Listener } from "./listen.ts";
export { DEFAULT_LIMITS, type RequestHead } from "./request.ts";
