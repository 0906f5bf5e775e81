/** Attributes of an element; numbers are pixels. */
export type Attributes = Readonly<Record<string, string | number>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe between tags and inside a quoted attribute. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function open(name: string, attributes: Attributes): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(String(value))}"`);
  return `<${name}${written.join('')}`;
}

/** An element without content, on a line of its own. */
export function shape(name: string, attributes: Attributes): string {
  return `${open(name, attributes)}/>`;
}

/** An element that holds text; the text is escaped. */
export function words(name: string, attributes: Attributes, content: string): string {
  return `${open(name, attributes)}>${escape(content)}</${name}>`;
}

/** An element around finished ones, indented one level, so that a change of the picture reads well as a diff. */
export function around(name: string, attributes: Attributes, children: readonly string[]): string {
  const inner = children.flatMap((child) => child.split('\n')).map((line) => `  ${line}`);
  return [`${open(name, attributes)}>`, ...inner, `</${name}>`].join('\n');
}
