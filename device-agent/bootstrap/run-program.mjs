import { spawn } from 'node:child_process';
import { root } from './checkout.mjs';

/** npm goes on for many seconds after it was asked to stop. */
const patienceMs = 2000;

/** Runs a program in the checkout and keeps what it says; rejects when the signal ends it. */
export function runProgram(command, args, { signal, shell = false }) {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(command, args, { cwd: root, shell, stdio: ['ignore', 'pipe', 'pipe'], signal });
    const keep = (text) => {
      output += text;
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, output: error.message });
    });
    signal.addEventListener('abort', () => setTimeout(() => child.kill('SIGKILL'), patienceMs).unref(), { once: true });
    child.on('close', (code) => (signal.aborted ? reject(signal.reason) : resolve({ code, output })));
  });
}
