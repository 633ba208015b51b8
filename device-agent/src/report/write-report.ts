import { toHtml } from './html.js';
import type { ComparisonReport } from './report.js';
import { type ReportFiles, type WrittenReport, writeReportFiles } from './write-report-files.js';

/** Writes report.html and report.json of a comparison. @throws StorageError, see `writeReportFiles`. */
export function writeReport(directory: string, report: ComparisonReport, files?: ReportFiles): Promise<WrittenReport> {
  return writeReportFiles(directory, report, toHtml, files);
}
