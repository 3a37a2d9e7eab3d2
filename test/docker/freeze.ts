/** A run of tests in miniature, for engine.test.ts: opens an engine, says what came of it in one line of JSON, and holds it until it is ended. */
import { openDockerEngine } from './engine.ts';

console.log(JSON.stringify(await openDockerEngine()));
setInterval(() => {}, 60_000);
