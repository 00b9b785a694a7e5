/**
 * The device port: what terminals that push are answered. Door of the room; the queue is handed in.
 */
export { DeviceServer } from "./server.ts";
