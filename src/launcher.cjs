#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must be able to read this far.
var wanted = [20, 19];
var version = process.versions.node.split('.').map(Number);
if (version[0] < wanted[0] || (version[0] === wanted[0] && version[1] < wanted[1])) {
  console.error('repl-workshop needs Node.js 20.19 or newer; this is ' + process.versions.node + '.');
  console.error('Install a current Node.js (https://nodejs.org) and run the command again.');
  process.exitCode = 2;
} else {
  // V8 complains of a flag that it does not know, and a Node may drop one: only those that these were tried on get them (test/package.test.ts).
  if (version[0] <= 24) tuneV8(version[0]);
  import('./main.js').catch(function (error) {
    if (error.code !== 'EMFILE') throw error;
    console.error('repl-workshop: This program may not open enough files.');
    console.error('  \u2192 Allow more in this shell, then try again: ulimit -n 1024');
    process.exitCode = 3;
  });
}

function tuneV8(major) {
  var v8 = require('v8');
  // The looks once a second leave little behind: a young generation that may grow only grows.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  // What many frames leave is collected when the heap has doubled, not at four times its size.
  v8.setFlagsFromString('--heap-growing-percent=100');
  // Little runs here for long enough to repay the optimising compilers: waiting longer with them saves a sixth of the start.
  var patience =
    major < 22
      ? ['--interrupt-budget=1000000']
      : ['--invocation-count-for-maglev=4000', '--invocation-count-for-turbofan=30000'];
  patience.forEach(v8.setFlagsFromString);
}
