#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must be able to read this far.
var wanted = [20, 19];
var version = process.versions.node.split('.').map(Number);
if (version[0] < wanted[0] || (version[0] === wanted[0] && version[1] < wanted[1])) {
  console.error('repl-workshop needs Node.js 20.19 or newer; this is ' + process.versions.node + '.');
  console.error('Install a current Node.js (https://nodejs.org) and run the command again.');
  process.exitCode = 2;
} else {
  // A small young generation: the looks once a second leave little behind, and a large one only grows.
  require('v8').setFlagsFromString('--max-semi-space-size=1');
  import('./main.js');
}
