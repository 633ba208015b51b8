import { isBuiltin } from 'node:module';
import { parseSync, visitorKeys } from 'oxc-parser';

/** What the layer check knows of one file. Paths are relative to the repository's root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly ImportLine[];
  /** Names that the file uses and nowhere declares, each with the line of its first use. */
  readonly freeNames: ReadonlyMap<string, number>;
}

export interface ImportLine {
  readonly line: number;
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** `relative` and `workspace` have a path: `sdk/src/core/rng.ts`, whether that file exists or not. */
  readonly kind: 'relative' | 'workspace' | 'node' | 'foreign';
  readonly path: string;
}

interface AnyNode {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/** @throws Error when the text is no TypeScript. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const result = parseSync(path, text);
  const problem = result.errors[0];
  if (problem !== undefined) throw new Error(`${path} cannot be parsed: ${problem.message}`);
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const found: { specifier: string; offset: number; typeOnly: boolean }[] = [];
  for (const { moduleRequest, entries } of result.module.staticImports) {
    found.push({
      specifier: moduleRequest.value,
      offset: moduleRequest.start,
      typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    });
  }
  for (const { entries } of result.module.staticExports) {
    const request = entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (request) found.push({ specifier: request.value, offset: request.start, typeOnly: entries.every((entry) => entry.isType) });
  }
  const uses = new Map<string, number>();
  const declared = new Set<string>();
  walk(result.program as unknown as AnyNode, undefined, '', (node, parent, key) => {
    const called = specifierOfCall(node);
    if (called !== undefined) found.push({ specifier: called, offset: node.start, typeOnly: node.type === 'TSImportType' });
    for (const name of namesInPattern(node)) declared.add(name);
    if (node.type !== 'Identifier') return;
    const name = node.name as string;
    if (isDeclaration(parent, key)) declared.add(name);
    else if (!isPropertyName(parent, key) && !uses.has(name)) uses.set(name, lineAt(node.start));
  });
  return {
    path,
    lines: text.trimEnd().split('\n').length,
    imports: found.map(({ specifier, offset, typeOnly }) => ({
      line: lineAt(offset),
      specifier,
      typeOnly,
      ...resolveImport(path, specifier),
    })),
    freeNames: new Map([...uses].filter(([name]) => !declared.has(name))),
  };
}

/** Where a specifier leads: `./x.js` beside the importer, or `@precrop/sdk/ir/shapes` to `sdk/src/ir/shapes.ts`. */
function resolveImport(importer: string, specifier: string): Pick<ImportLine, 'kind' | 'path'> {
  if (specifier.startsWith('.')) return { kind: 'relative', path: toSource(new URL(specifier, `file:///${importer}`).pathname.slice(1)) };
  if (specifier.startsWith('node:') || isBuiltin(specifier)) return { kind: 'node', path: '' };
  const own = /^@precrop\/([^/]+)(?:\/(.+))?$/.exec(specifier);
  if (own) return { kind: 'workspace', path: `${own[1]}/src/${own[2] ?? 'index'}.ts` };
  return { kind: 'foreign', path: '' };
}

function toSource(path: string): string {
  return path.replace(/\.jsx$/, '.tsx').replace(/\.js$/, '.ts');
}

/** The module that a node loads: `import('x')`, `require('x')`, `createRequire(…)('x')`, `import.meta.resolve('x')`, and the type `import('x').T`. */
function specifierOfCall(node: AnyNode): string | undefined {
  const literal = (value: unknown): string | undefined => {
    const text = (value as AnyNode | undefined)?.value;
    return typeof text === 'string' ? text : undefined;
  };
  if (node.type === 'ImportExpression' || node.type === 'TSImportType') return literal(node.source);
  if (node.type !== 'CallExpression') return undefined;
  const callee = node.callee as AnyNode;
  const isRequire = nameOf(callee) === 'require' || (callee.type === 'CallExpression' && nameOf(callee.callee) === 'createRequire');
  const isResolve = nameOf(callee.property) === 'resolve' && (callee.object as AnyNode).type === 'MetaProperty';
  return isRequire || isResolve ? literal((node.arguments as readonly unknown[])[0]) : undefined;
}

function nameOf(value: unknown): unknown {
  return (value as AnyNode | undefined)?.name;
}

function isDeclaration(parent: AnyNode | undefined, key: string): boolean {
  if (key === 'params' || key === 'id' || key === 'local') return true;
  if (parent?.type === 'AssignmentPattern') return key === 'left';
  return parent?.type === 'RestElement' || parent?.type === 'ArrayPattern';
}

/** `b` and `c` of `{ a: b, c }` on the left side. */
function namesInPattern(node: AnyNode): string[] {
  if (node.type !== 'ObjectPattern') return [];
  const values = (node.properties as readonly AnyNode[]).map((property) => property.value as AnyNode | undefined);
  return values.flatMap((value) => (value?.type === 'Identifier' ? [value.name as string] : []));
}

function isPropertyName(parent: AnyNode | undefined, key: string): boolean {
  if (key === 'label' || (key === 'right' && parent?.type === 'TSQualifiedName')) return true;
  return (key === 'property' || key === 'key') && parent?.computed !== true;
}

function walk(
  node: AnyNode,
  parent: AnyNode | undefined,
  key: string,
  visit: (node: AnyNode, parent: AnyNode | undefined, key: string) => void,
): void {
  visit(node, parent, key);
  for (const childKey of visitorKeys[node.type] ?? []) {
    const value = node[childKey];
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child !== null && typeof child === 'object') walk(child as AnyNode, node, childKey, visit);
    }
  }
}
