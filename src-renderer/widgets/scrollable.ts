/** Makes a box that scrolls reachable by keyboard, as long as there is something to scroll: `{@attach scrollable}`. */
export function scrollable(node: HTMLElement): () => void {
  // It is called when the page has been laid out: to look at sizes then costs nothing.
  const sizes = new ResizeObserver(() => {
    const scrolls = node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1;
    if (scrolls === node.hasAttribute('tabindex')) return;
    if (scrolls) node.tabIndex = 0;
    else node.removeAttribute('tabindex');
  });
  sizes.observe(node);
  // What is observed anew is looked at once with the next frame.
  const contents = new MutationObserver(() => {
    sizes.unobserve(node);
    sizes.observe(node);
  });
  contents.observe(node, { childList: true, subtree: true, characterData: true });
  return () => {
    sizes.disconnect();
    contents.disconnect();
  };
}
