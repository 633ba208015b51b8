import { runDemo } from '../jobs/demo.js';
import { toTextTable } from '../report/table.js';
import { writeReport } from '../report/write-report.js';
import type { Outcome, Session } from './command-line.js';
import { type DemoCommandOptions, toDemoOptions } from './demo-options.js';
import { showDemo } from './show-demo.js';
import { wrapLongLines, wrapText } from './text-table.js';

/** Runs the demo and writes its report. */
export async function demonstrate(options: DemoCommandOptions, session: Session): Promise<Outcome> {
  const demo = await toDemoOptions(options, session);
  const show = showDemo(demo.recipe.epochs, session);
  const report = await show.run((contexts) => runDemo(demo, contexts));
  const { htmlPath, jsonPath } = await writeReport(options.output, report);
  return {
    document: () => report,
    text: () =>
      [
        wrapLongLines(toTextTable(report), session.width),
        '',
        ...report.conclusion.map((sentence) => wrapText(sentence, session.width)),
        '',
        `Report: ${htmlPath} (numbers: ${jsonPath})`,
      ].join('\n'),
  };
}
