/** Makes a box that scrolls reachable by keyboard, as long as there is something to scroll: `{@attach scrollable}`. */
export function scrollable(node: HTMLElement): () => void {
  const update = (): void => {
    const scrolls = node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1;
    if (scrolls) node.tabIndex = 0;
    else node.removeAttribute('tabindex');
  };
  const sizes = new ResizeObserver(update);
  sizes.observe(node);
  const contents = new MutationObserver(update);
  contents.observe(node, { childList: true, subtree: true, characterData: true });
  update();
  return () => {
    sizes.disconnect();
    contents.disconnect();
  };
}
