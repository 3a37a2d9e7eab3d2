/** A prepared state: the data directories of a lab at the start of a lesson, in a folder with `state.json`. */
import { join } from 'node:path';
import * as v from 'valibot';
import { listOf, port, recordOf, schemaNumber, shape, text } from '../store/json.ts';
import { readJson, writeJson } from '../store/store.ts';

/** What is written in files of the data directories, and must be that of the lab that gets the state. */
const addresses = shape({
  dir: text, // the lab's folder
  sockets: v.nullable(text), // native: the folder of the servers' sockets
  ports: recordOf(port), // by server; on Docker none, because inside a container the port is always the same
  hosts: v.exactOptional(recordOf(text)), // Docker: by server, the name by which the others reach it
});
export type Addresses = v.InferOutput<typeof addresses>;

const stateJson = shape({
  schema: schemaNumber,
  key: text, // what a lab must have in common with the state
  running: listOf(text), // the servers that run at the start of the lesson, primaries first
  containers: v.exactOptional(listOf(text)), // Docker: the servers that have a container
  network: v.exactOptional(v.boolean()), // Docker
  events: listOf(text), // tasks of earlier lessons that are events: 'lesson/task'
  from: addresses,
  bytes: v.number(), // on disk
  version: v.exactOptional(text), // of the program that made it; those of earlier versions have none
});
export type PreparedState = v.InferOutput<typeof stateJson>;

/** undefined: there is no complete state in this folder. */
export function readPrepared(folder: string): PreparedState | undefined {
  const read = readJson(join(folder, 'state.json'), stateJson);
  return read.kind === 'value' ? read.value : undefined;
}

/** Written last: a folder without it is not complete. */
export const writePrepared = (folder: string, state: PreparedState): void =>
  writeJson(join(folder, 'state.json'), state);
