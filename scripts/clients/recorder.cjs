#!/usr/bin/env node
// The program as a client starts it, with what it and that client say to each other kept in two files. A command, such as
// install, is the program's own, and writes the path of this file into the client's settings.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { program, said, heard } = JSON.parse(fs.readFileSync(path.join(__dirname, 'recorder.json'), 'utf8'));
if (process.argv.length > 2) require(program);
else {
  const server = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  process.stdin.on('data', (bytes) => fs.appendFileSync(heard, bytes));
  process.stdin.pipe(server.stdin);
  server.stdout.on('data', (bytes) => {
    fs.appendFileSync(said, bytes);
    process.stdout.write(bytes);
  });
  server.on('exit', (code) => process.exit(code ?? 0));
}
