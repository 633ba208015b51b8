import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A script that answers a line with a line until it is stopped. */
export interface PythonProcess {
  /** @throws where the script ended instead, with what it said on stderr. */
  ask(line: string): Promise<string>;
  stop(): void;
}

/** Starts a script that reads many files one after the other: none has to wait on the disk for the others. */
export function startPython(path: string, script: string): PythonProcess {
  const child = spawn(path, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (data) => {
    complaints = `${complaints}${data}`.slice(-2000);
  });
  child.stdin.on('error', () => {}); // it ended: the next answer says so
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`${script} ended at "${line}": ${complaints}`);
      return value;
    },
    stop: () => child.stdin.end(),
  };
}
