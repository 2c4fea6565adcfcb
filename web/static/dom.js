/** Making elements. Text goes in as text: nothing here ever parses HTML. */

/** An element with attributes and children (nodes or strings; null is left out). */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  Object.keys(attributes || {}).forEach((name) => made.setAttribute(name, attributes[name]));
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Take everything out of a node, and put these in. */
export function fill(node, ...children) {
  node.textContent = "";
  node.append(...children.filter((child) => child !== null));
}
