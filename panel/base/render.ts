// A page drawn from a tree: the tree is made anew at each change, and the document is changed only where it differs. Texts
// become text nodes and attributes, never HTML, so nothing that a stranger wrote can become a part of the page.

import type { Attributes, Tree, TreeLeaf } from './jsx.ts';

/** The name by which classes come: the build makes it short, as it does with names of our own. */
const [CLASS] = Object.keys({ class: '' });

const drawn = new WeakMap<Node, Tree>();

/** One listener for all events of an element: it calls the handler of the tree that was drawn last. */
function dispatch(this: unknown, event: Event): void {
  const handler = event.currentTarget instanceof Node && drawn.get(event.currentTarget)?.attributes[`on${event.type}`];
  if (typeof handler === 'function') handler(event);
}

/** What a person changes is set as a property: the attribute would only be how it begins. */
function setValue(element: HTMLElement, name: string, value: unknown): boolean {
  if (name === 'checked' && 'checked' in element) element.checked = value;
  else if (name === 'value' && 'value' in element) {
    if (element.value !== value) element.value = value;
  } else return false;
  return true;
}

function setAttribute(element: HTMLElement, name: string, value: unknown, before: unknown): void {
  if (setValue(element, name, value)) return;
  if (name === CLASS) {
    if (value !== before) element.className = String(value ?? '');
  } else if (name === 'style') {
    for (const [property, text] of Object.entries(Object(value))) element.style.setProperty(property, String(text));
  } else if (name.startsWith('on')) {
    if (before === undefined) element.addEventListener(name.slice(2), dispatch);
  } else if (value === before) {
    return;
  } else if (value === undefined || (value === false && !name.startsWith('aria-'))) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, String(value));
  }
}

function fill(element: HTMLElement, tree: Tree): void {
  const before: Attributes = drawn.get(element)?.attributes ?? {};
  drawn.set(element, tree);
  drawChildren(element, tree.children);
  for (const name of new Set([...Object.keys(before), ...Object.keys(tree.attributes)]))
    setAttribute(element, name, tree.attributes[name], before[name]);
}

function fits(node: Node, leaf: TreeLeaf): boolean {
  const tree = drawn.get(node);
  if (typeof leaf === 'string') return node.nodeType === 3;
  return tree !== undefined && tree.tag === leaf.tag && tree.key === leaf.key;
}

/** Elements of running text: each reads in the direction of what stands in it. */
const READING_TAGS = /^(p|li|dd|t[dh]|h\d|summary|pre|input|textarea)$/;

function make(leaf: TreeLeaf): Node {
  if (typeof leaf === 'string') return document.createTextNode(leaf);
  const element = document.createElement(leaf.tag);
  if (READING_TAGS.test(leaf.tag)) element.dir = 'auto';
  return element;
}

/** Draws the children of an element: those that were there stay the same nodes, found by their key or their tag. */
export function drawChildren(parent: HTMLElement, leaves: readonly TreeLeaf[]): void {
  const left = [...parent.childNodes];
  const chosen = leaves.map((leaf) => {
    const at = left.findIndex((node) => fits(node, leaf));
    return at < 0 ? undefined : left.splice(at, 1)[0];
  });
  for (const node of left) node.remove();
  for (const [at, leaf] of leaves.entries()) {
    const node = chosen[at] ?? make(leaf);
    if (parent.childNodes[at] !== node) parent.insertBefore(node, parent.childNodes[at] ?? null);
    if (typeof leaf === 'string') {
      if (node.nodeValue !== leaf) node.nodeValue = leaf;
    } else if (node instanceof HTMLElement) {
      fill(node, leaf);
      if (!chosen[at]) leaf.placed?.(node);
    }
  }
}
