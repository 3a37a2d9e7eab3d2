#!/usr/bin/env node
// This file uses old syntax on purpose: a Node that is too old for the program must still be able to parse it.
var wanted = [20, 19];
var version = process.versions.node.split('.').map(Number);
if (version[0] < wanted[0] || (version[0] === wanted[0] && version[1] < wanted[1])) {
  console.error('repl-workshop needs Node.js 20.19 or newer; this is ' + process.versions.node + '.');
  console.error('Install a current Node.js (https://nodejs.org) and run the command again.');
  process.exitCode = 2;
} else {
  // V8 prints an error for a flag that it does not know, and a new Node may drop a flag. So only the major versions on
  // which these flags were tested (test/package.test.ts) get them.
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
  // A look each second leaves little garbage, but a young generation that is allowed to grow never shrinks again.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  // Many frames leave garbage in the old generation: collect it when the heap has doubled, not at four times its size.
  v8.setFlagsFromString('--heap-growing-percent=100');
  // Little code here runs long enough to repay the optimising compilers. Starting them later saves a sixth of the start
  // time.
  var patience =
    major < 22
      ? ['--interrupt-budget=1000000']
      : ['--invocation-count-for-maglev=4000', '--invocation-count-for-turbofan=30000'];
  patience.forEach(v8.setFlagsFromString);
}
