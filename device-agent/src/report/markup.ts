/** Text as HTML, safe in an element and in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Escaped text as a printer would set it: "2.4x" with ×, a number and its unit kept on one line, a true minus. */
export function typeset(text: string): string {
  return escapeHtml(text)
    .replace(/(\d)x(?![\w-])/g, '$1×')
    .replace(/(\d) (?=(?:%|ms|s|min|h|[kMGT]?B|[kMGT]|points?|epochs?)(?![\w]))/g, '$1\u00a0')
    .replace(/(^|[\s(])-(?=\d)/g, '$1−');
}

/** A value as JSON that may stand in a script element: no "<" can end the element. */
export function toScriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
}
