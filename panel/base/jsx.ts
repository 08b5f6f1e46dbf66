// What JSX compiles to. The build puts `h` into scope wherever a file uses it.

type Handler<E> = (event: E) => void;

type Placed = (element: HTMLElement) => void;

export type Child = Tree | string | number | false | null | undefined | readonly Child[];

/** What an element has. Names are those of HTML; what begins with `on` is a handler. */
export type Attributes = {
  /** Called once, when the element is in the document. */
  placed?: Placed;
  style?: Record<string, string>;
  key?: string;
  children?: Child;
  onclick?: Handler<MouseEvent>;
  onchange?: Handler<Event>;
  oninput?: Handler<InputEvent>;
  onsubmit?: Handler<SubmitEvent>;
  onkeydown?: Handler<KeyboardEvent>;
  ondragover?: Handler<DragEvent>;
  ondrop?: Handler<DragEvent>;
  oncancel?: Handler<Event>;
  [name: string]: unknown;
};

export type TreeLeaf = Tree | string;
export type Tree = {
  tag: string;
  key: string | undefined;
  placed: Placed | undefined;
  attributes: Attributes;
  children: TreeLeaf[];
};

// The names in here are the compiler's.
declare global {
  /** An element of the tree; of a part of the page, which is a function of its attributes, what it gives. */
  function h<A extends Attributes>(
    tag: string | ((attributes: A) => Child),
    attributes: A | null,
    ...children: Child[]
  ): Child;
  namespace JSX {
    type Element = Child;
    type ElementType = string | ((attributes: never) => Child);
    type IntrinsicElements = Record<string, Attributes & { key?: string }>;
    type ElementChildrenAttribute = { children: unknown };
  }
}

export function treeLeaves(child: Child): TreeLeaf[] {
  if (child === false || child === null || child === undefined || child === '') return [];
  if (typeof child === 'string') return [child];
  if (typeof child === 'number') return [String(child)];
  return 'tag' in child ? [child] : child.flatMap(treeLeaves);
}

export function h<A extends Attributes>(
  tag: string | ((attributes: A & { children: Child }) => Child),
  attributes: A | null,
  ...children: Child[]
): Child {
  if (typeof tag !== 'string') return tag(Object.assign({ children }, attributes));
  const { key, placed, ...rest } = attributes ?? {};
  // The build writes a class that never changes behind the name: "p.soft".
  const [name = tag, look] = tag.split('.');
  return { tag: name, key, placed, attributes: look ? { class: look, ...rest } : rest, children: treeLeaves(children) };
}
