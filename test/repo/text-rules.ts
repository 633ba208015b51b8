import { dirname, join, normalize } from 'node:path';

interface TextRule {
  readonly pattern: RegExp;
  readonly message: string;
}

// A bracket in each name, so that this file keeps its own rules.
const registryHost = /registry\.npm[j]s\.org|registry\.yarn[p]kg\.com|registry\.npm[m]irror\.com|[p]ypi\.org|files\.python[h]osted\.org/;
const machinePath = /(?<![\w.~/-])\/(?:[w]ork|[t]mp\/dl|[h]ome\/\w+|[U]sers\/\w+|[r]oot)\//;

const textRules: readonly TextRule[] = [
  {
    pattern: machinePath,
    message: 'names a path of one machine. Write it relative to the repository, or take it from the environment.',
  },
  {
    pattern: registryHost,
    message: "names a registry's host. Leave the choice of registry to the user's own npm and pip settings.",
  },
  { pattern: /^<{7} |^>{7} /, message: 'is left from a merge. Choose one side.' },
];

/** Lines of a text file that break a rule: `path:line: "what stands there" says what to do`. */
export function checkText(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) =>
    textRules.flatMap(({ pattern, message }) => {
      const match = pattern.exec(line);
      return match ? [`${path}:${index + 1}: "${match[0]}" ${message}`] : [];
    }),
  );
}

/** Relative links of a markdown file that lead nowhere. `exists` is asked with paths from the repository's root. */
export function checkLinks(path: string, markdown: string, exists: (path: string) => boolean): string[] {
  const prose = markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g), ...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return links.flatMap((match) => {
    const target = decodeURI((match[1] as string).split('#')[0] as string);
    if (target === '' || /^[a-z]+:/i.test(target)) return [];
    const linked = normalize(join(target.startsWith('/') ? '' : dirname(path), target)).replace(/^\//, '');
    return exists(linked) ? [] : [`${path} links to ${target}, which does not exist. Correct the link or write the file.`];
  });
}

/** Entries of a lock file that say where they were fetched from: they would bind every install to that host. */
export function checkLockFile(lock: {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
}): string[] {
  return Object.entries(lock.packages).flatMap(([name, { resolved, link }]) =>
    resolved === undefined || link === true
      ? []
      : [
          `package-lock.json has a "resolved" address for ${name}. Run npm install with omit-lockfile-registry-resolved=true, as .npmrc says.`,
        ],
  );
}
