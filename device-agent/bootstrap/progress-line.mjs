export async function step(title, doing, work) {
  const line = startLine();
  const startedAt = Date.now();
  line.update(`${title}: ${doing} …`);
  const timer = process.stderr.isTTY ? setInterval(() => line.update(`${title}: ${doing} … ${toSeconds(startedAt)}`), 1000) : undefined;
  try {
    const result = await work();
    line.end(`✓ ${title}${result === undefined ? '' : `: ${result}`} (${toSeconds(startedAt)})`);
  } catch (error) {
    line.end();
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** One line that is rewritten on a terminal; elsewhere a new line for each new matter and each quarter of progress. */
export function startLine() {
  let told = '';
  return {
    update(text, fraction) {
      if (process.stderr.isTTY) {
        process.stderr.write(`\r\x1b[2K  ${text.slice(0, (process.stderr.columns || 80) - 3)}`);
        return;
      }
      const mark = fraction === undefined ? text : `${text.split(':')[0]} ${Math.floor(fraction * 4)}`;
      if (mark !== told) process.stderr.write(`  ${text}\n`);
      told = mark;
    },
    end(text) {
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
      if (text !== undefined) process.stderr.write(`${text}\n`);
    },
  };
}

export function toSeconds(startedAt) {
  const seconds = (Date.now() - startedAt) / 1000;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
