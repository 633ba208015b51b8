import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { advance, createProgressState, toProgressLine } from './progress-state.js';
import type { ProgressTask, TaskOptions, TaskRenderer } from './progress-task.js';

/** What listr2 draws, ten times a second, whatever happens in between. */
interface Drawn {
  title: string;
}

interface ShownTask extends ProgressTask {
  readonly title: string;
  /** Told once the task is on the screen: from then on its title is kept up to date. */
  show(drawn: Drawn): Promise<void>;
}

/** Lines that are rewritten in place. Lines that are said meanwhile follow when the tasks have ended. */
export function createTerminalRenderer(stream: NodeJS.WriteStream, clock: () => number): TaskRenderer {
  let open: readonly ShownTask[] = [];
  let drawing: Promise<void> = Promise.resolve();
  let isDrawing = false;
  const waiting: string[] = [];
  const say = (text: string): void => {
    if (isDrawing) waiting.push(text);
    else stream.write(`${text}\n`);
  };

  async function draw(tasks: readonly ShownTask[]): Promise<void> {
    isDrawing = true;
    // stdout is held back too, so that nothing is printed into the lines.
    const processOutput = new ProcessOutput(stream, process.stdout, { leaveEmptyLine: false });
    const rendererOptions = { logger: new ListrLogger({ processOutput }), formatOutput: 'truncate' } as const;
    const list = new Listr(
      tasks.map(({ title, show }) => ({ title, task: (_: unknown, { task }: { task: { title?: string } }) => show(task as Drawn) })),
      {
        concurrent: true,
        exitOnError: false,
        registerSignalListeners: false, // Ctrl-C is the command's
        renderer: 'default',
        rendererOptions,
        // listr2 falls back where stdout is no terminal: only stderr matters here.
        fallbackRenderer: 'default',
        fallbackRendererOptions: rendererOptions,
      },
    );
    await list.run();
    isDrawing = false;
    for (const line of waiting.splice(0)) say(line);
  }

  return {
    say,
    start(options) {
      const titleWidth = Math.max(...options.map(({ title }) => title.length));
      const tasks = options.map((each) =>
        createTask({ ...each, title: each.title.padEnd(titleWidth) }, () => columnsOf(stream), clock, say),
      );
      open = tasks;
      drawing = drawing.then(() => draw(tasks));
      return tasks;
    },
    tell(text) {
      if (!isDrawing) return say(text);
      for (const task of open) task.update({ type: 'phase', name: 'tell', message: text });
    },
    async close() {
      for (const task of open) task.succeed();
      await drawing;
    },
  };
}

function createTask(
  { title, epochs, isSeries }: TaskOptions,
  columns: () => number,
  clock: () => number,
  say: (text: string) => void,
): ShownTask {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  promise.catch(() => {}); // told by listr2
  let state = createProgressState(epochs, isSeries);
  let drawn: Drawn = { title };
  let ended = false;
  const set = (text: string): void => {
    // listr2's own setter would redraw at once: it draws ten times a second anyway.
    drawn.title = text === '' ? title.trimEnd() : `${title}  ${text}`;
  };
  return {
    title,
    show(shown) {
      shown.title = drawn.title;
      drawn = shown;
      return promise;
    },
    update(event) {
      if (ended) return;
      if (event.type === 'warning') return say(`! ${event.message}`);
      state = advance(state, event, clock());
      set(toProgressLine(state, columns() - title.length - 2, clock()));
    },
    succeed(text) {
      if (!ended && text !== undefined) set(text);
      ended = true;
      resolve();
    },
    fail(text) {
      if (!ended && text !== undefined) set(text);
      ended = true;
      reject(new Error(drawn.title));
    },
  };
}

// listr2 puts a mark before each line and leaves two columns free; it looks at stdout's width.
function columnsOf(stream: NodeJS.WriteStream): number {
  return Math.min(stream.columns ?? 80, process.stdout.columns ?? 80) - 4;
}
