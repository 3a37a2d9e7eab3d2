/**
 * A small test run for engine.test.ts: opens an engine, prints it as one line of JSON, and keeps it until the process
 * ends.
 */
import { openDockerEngine } from './engine.ts';

console.log(JSON.stringify(await openDockerEngine()));
setInterval(() => {}, 60_000);
