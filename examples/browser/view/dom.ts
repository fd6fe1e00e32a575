/**
 * The element of `index.html` with this id.
 *
 * @throws Error when there is none of this type: the page and its script are of different versions.
 */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  return checked(document.getElementById(id), `#${id}`, type);
}

/** The first element below `root` that the selector names. @throws Error when there is none of this type. */
export function find<T extends HTMLElement>(root: ParentNode, selector: string, type: new () => T): T {
  return checked(root.querySelector(selector), selector, type);
}

/** A new element. Children that are strings become text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  created.className = className;
  created.append(...children);
  return created;
}

function checked<T extends HTMLElement>(found: Element | null, name: string, type: new () => T): T {
  if (!(found instanceof type)) throw new Error(`index.html has no ${type.name} ${name}`);
  return found;
}
