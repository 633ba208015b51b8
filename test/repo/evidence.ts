import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadExperiment } from '@precrop/device-agent/experiment/load-experiment';
import { toEvidenceDetails, toEvidenceTable } from '@precrop/device-agent/report/experiment/evidence-table';
import { type GranularityFindings, toGranularityFindings } from '@precrop/device-agent/report/experiment/granularity-report';
import { readRepositoryFile, repositoryRoot } from './read-tree.js';

/** A file that is made of the evidence, in part or whole, as it should be. */
export interface EvidenceFile {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

const evidence = 'profiles/evidence';

/** The names of the folders of `profiles/evidence` that hold a granularity experiment. */
export function listExperiments(): readonly string[] {
  return readdirSync(join(repositoryRoot, evidence))
    .filter((name) => existsSync(join(repositoryRoot, evidence, name, 'setting.json')))
    .sort();
}

/** What the trainings under `profiles/evidence` make of README.md, and of each experiment's README.md and summary.json. */
export async function toEvidenceFiles(): Promise<readonly EvidenceFile[]> {
  const tables: string[] = [];
  const files: EvidenceFile[] = [];
  for (const name of listExperiments()) {
    const folder = `${evidence}/${name}`;
    const { setting, results, asked } = await loadExperiment(join(repositoryRoot, folder));
    const findings = toGranularityFindings(setting, results, asked);
    const readme = `${folder}/README.md`;
    tables.push(toEvidenceTable(findings, folder));
    files.push({ path: `${folder}/summary.json`, text: toSummaryText(findings) });
    files.push({ path: readme, text: putBetween(readRepositoryFile(readme), 'findings', toEvidenceDetails(findings)) });
  }
  return [...files, { path: 'README.md', text: putBetween(readRepositoryFile('README.md'), 'evidence', tables.join('\n\n')) }];
}

/** The text with other content between `<!-- name:begin -->` and `<!-- name:end -->`. @throws Error without these marks, each once. */
export function putBetween(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, inner = '', ...more] = text.split(begin);
  const [old, after, ...rest] = inner.split(end);
  if (before === undefined || old === undefined || after === undefined || more.length > 0 || rest.length > 0) {
    throw new Error(`The text needs ${begin} and, after it, ${end}, each once.`);
  }
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

// Nine digits: machines may differ in the last of sixteen.
function toSummaryText(findings: GranularityFindings): string {
  const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(9)) : value);
  return `${JSON.stringify({ schemaVersion: 1, kind: 'granularity-summary', ...findings }, rounded, 2)}\n`;
}
