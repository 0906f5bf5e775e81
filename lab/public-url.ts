/** A URL in a text, up to the next blank. What may stand before its scheme keeps the search linear. */
const URLS = /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:\/\/\S*/gi;

/** The part of a URL before its host: who asks, with which password. It ends at the last `@` before the path. */
const USER = /^([^:]*:\/\/)[^/?#]*@/;

/** A text in which every URL is without what may be secret: user, password and query become `…`. For messages and logs. */
export function publicUrl(text: string): string {
  return text.replaceAll(URLS, (url) => url.replace(USER, '$1…@').replace(/\?[^#"']*/, '?…'));
}

/** What is no URL that names a user. Its source is a pattern for editors. */
export const NO_USER = new RegExp(`^(?!${USER.source.slice(1)})`);
