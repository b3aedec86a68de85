/**
 * Tells an element's inner size in CSS pixels, first before it is painted and again whenever it changes: `{@attach measured(...)}`. It is
 * asked for when the page has been laid out anyway; to ask while elements are made lays out the page each time.
 */
export const measured =
  (tell: (width: number, height: number) => void) =>
  (element: Element): (() => void) => {
    const sizes = new ResizeObserver(() => tell(element.clientWidth, element.clientHeight));
    sizes.observe(element);
    return () => sizes.disconnect();
  };
