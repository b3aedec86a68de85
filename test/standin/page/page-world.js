/* Runs in the page's own world before any of its scripts: receives what the preload script exposes. */
/* global worldBridge */
worldBridge('page', 'preload').hear('expose', ({ key, api }) => {
  Object.defineProperty(window, key, { value: api, enumerable: true });
});
