import { findCycles } from './find-cycles.js';
import * as table from './layers.js';
import type { ImportLine, SourceFile } from './source-file.js';

/** Every way in which files break the table of `layers.ts`, a sentence or two each: what, where, what to do. */
export function checkLayers(files: readonly SourceFile[]): string[] {
  const broken = files.flatMap((file) => [
    ...checkName(file),
    ...checkSize(file),
    ...checkGlobals(file),
    ...file.imports.flatMap((line) => importRules.flatMap((rule) => rule(file, line) ?? [])),
  ]);
  return [...broken, ...checkCycles(files)];
}

type ImportRule = (file: SourceFile, line: ImportLine) => string | undefined;

const importRules: readonly ImportRule[] = [checkNumber, checkPackage, checkDoor, checkNode, checkPureImport];

/** Rule: a folder of sdk/src imports only folders with a lower number. */
function checkNumber(file: SourceFile, line: ImportLine): string | undefined {
  const from = sdkFolderOf(file.path);
  const to = sdkFolderOf(line.path);
  if (from === undefined || to === undefined || from === to || line.kind !== 'relative') return undefined;
  const fromNumber = table.sdkNumbers[from];
  const toNumber = table.sdkNumbers[to];
  if (fromNumber === undefined || toNumber === undefined || toNumber < fromNumber) return undefined;
  return (
    `${where(file, line)} imports ${line.path}, but ${from} (${fromNumber}) may only import folders with a lower number, and ${to} has ${toNumber}. ` +
    `Move what both need to a lower folder, or let the caller pass it in.`
  );
}

/** Rule: packages meet only at their exports, and only in the directions of the table. */
function checkPackage(file: SourceFile, line: ImportLine): string | undefined {
  if (line.kind !== 'relative' && line.kind !== 'workspace') return undefined;
  const from = packageOf(file.path);
  const to = packageOf(line.path);
  if (from === undefined || to === undefined) return undefined;
  if (from === to) {
    return line.kind === 'workspace'
      ? `${where(file, line)} imports "${line.specifier}" of its own package. Import the file by its relative path.`
      : undefined;
  }
  if (line.kind === 'relative') {
    return `${where(file, line)} reaches into ${to} by the path "${line.specifier}". Import it as @precrop/${to}/…, through the package's exports.`;
  }
  const allowed = table.packageImports[from] ?? [];
  if (allowed.some((prefix) => isInside(line.path, prefix))) return undefined;
  const list = allowed.length === 0 ? 'no other package' : `only ${allowed.join(', ')}`;
  return `${where(file, line)} imports "${line.specifier}", but ${from} may import ${list}. Move the code to the package that may, or pass the value in.`;
}

/** Rule: one door for a foreign package. Tests and root files are free. */
function checkDoor(file: SourceFile, line: ImportLine): string | undefined {
  const from = packageOf(file.path);
  if (line.kind !== 'foreign' || from === 'test') return undefined;
  const name = foreignName(line.specifier);
  if (from === undefined)
    return `${where(file, line)} imports ${name}, but a root file must run before anything is installed. Use what Node brings.`;
  const door = table.doors[name] ?? table.doors[`${name.split('/')[0]}/*`];
  if (door === undefined) {
    return `${where(file, line)} imports ${name}, which has no row in the doors of test/repo/layers.ts. Name the folder that may import it there, and give the reason in the commit.`;
  }
  if (door.some((folder) => isInside(file.path, folder))) return undefined;
  return `${where(file, line)} imports ${name}, whose door is ${door.join(' and ')}. Call what that folder exports, or move this code there.`;
}

/** Rule: code without Node imports nothing of Node. */
function checkNode(file: SourceFile, line: ImportLine): string | undefined {
  if (line.kind !== 'node' || !isInsideAny(file.path, table.foldersWithoutNode)) return undefined;
  return `${where(file, line)} imports ${line.specifier}, but ${folderOf(file.path)} must run without Node. Take the value as an argument, or do the work in a folder at the edge.`;
}

/** Rule: a pure folder stands on pure folders; types of the others may be named, since they are gone at run time. */
function checkPureImport(file: SourceFile, line: ImportLine): string | undefined {
  const from = sdkFolderOf(file.path);
  const to = sdkFolderOf(line.path);
  if (from === undefined || to === undefined || line.typeOnly) return undefined;
  if (!table.pureSdkFolders.includes(from) || table.pureSdkFolders.includes(to)) return undefined;
  return `${where(file, line)} imports ${line.path} at run time, but ${from} is pure and ${to} is not. Import its types alone (import type) and take the value as an argument.`;
}

function checkGlobals(file: SourceFile): string[] {
  if (!isInsideAny(file.path, table.foldersWithoutNode)) return [];
  const dom = isInsideAny(file.path, table.domFolders);
  const forbidden = table.hostGlobals.filter(
    (name) => !(dom && !['Buffer', '__dirname', '__filename', 'global', 'process', 'require', 'setImmediate'].includes(name)),
  );
  return forbidden.flatMap((name) => {
    const line = file.freeNames.get(name);
    return line === undefined
      ? []
      : [`${file.path}:${line} uses ${name}, but ${folderOf(file.path)} must run anywhere. Take what it gives as an argument.`];
  });
}

function checkName(file: SourceFile): string[] {
  const folder = sdkFolderOf(file.path);
  const base = (file.path.split('/').at(-1) ?? '').replace(/(\.[a-z0-9]+)+$/, '');
  const broken: string[] = [];
  if (folder !== undefined && table.sdkNumbers[folder] === undefined) {
    broken.push(
      `${file.path} is in sdk/src/${folder}, which has no number in test/repo/layers.ts. Give it one there, or move the file to a folder that has.`,
    );
  }
  if (base === 'index' && !file.path.endsWith('.test.ts') && !table.publicDoors.includes(file.path)) {
    broken.push(
      `${file.path} is an index file, and only ${table.publicDoors.join(', ')} may be one. Name it after its main export and import it by that name.`,
    );
  }
  if (table.emptyNames.includes(base)) {
    broken.push(`${file.path} has a name that says nothing. Give each function a file named after what it does.`);
  }
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(base))
    broken.push(`${file.path} is not in kebab-case. Name it after its main export, such as width-groups.ts.`);
  return broken;
}

function checkSize(file: SourceFile): string[] {
  if (file.lines <= table.maxLinesPerFile || file.path.includes('/generated/')) return [];
  return [`${file.path} has ${file.lines} lines, and a file may have ${table.maxLinesPerFile}. Split it where its second idea begins.`];
}

function checkCycles(files: readonly SourceFile[]): string[] {
  const known = new Set(files.map(({ path }) => path));
  const graph = new Map(
    files.map(({ path, imports }) => [path, imports.filter((line) => !line.typeOnly && known.has(line.path)).map((line) => line.path)]),
  );
  return findCycles(graph).map(
    (cycle) => `Import cycle: ${[...cycle, cycle[0]].join(' → ')}. Move what both sides need to a file of its own.`,
  );
}

function where(file: SourceFile, line: ImportLine): string {
  return `${file.path}:${line.line}`;
}

function packageOf(path: string): string | undefined {
  const first = path.split('/')[0] as string;
  return Object.hasOwn(table.packageImports, first) ? first : undefined;
}

/** "crop" of sdk/src/crop/round-widths.ts, "compress" of sdk/src/compress.ts. */
function sdkFolderOf(path: string): string | undefined {
  return /^sdk\/src\/([^/.]+)/.exec(path)?.[1];
}

function folderOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}

function foreignName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path === `${folder}.ts` || path.startsWith(`${folder}/`);
}

function isInsideAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isInside(path, folder));
}
