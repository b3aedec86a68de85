/*
 * contextBridge between the page's world and the preload script's: they share the document but no objects. Values are copied, functions
 * become functions on the other side, and calls return at once, as Electron has it; only what a promise brings comes later.
 */
/* global encode, decode */

/** `own`, `other`: names of the two worlds. Gives `pack` and `unpack`: values for and from the other world, as text. */
function worldBridge(own, other) {
  const functions = [];
  const promises = new Map();
  let answer;

  const wrap = (value) => {
    if (typeof value === 'function') return { $function: functions.push(value) - 1 };
    if (value instanceof Promise) return { $promise: follow(value) };
    if (Array.isArray(value)) return value.map(wrap);
    if (value && Object.getPrototypeOf(value) === Object.prototype)
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, wrap(part)]));
    return value;
  };
  const unwrap = (value) => {
    if (value?.$function !== undefined) return (...values) => call(value.$function, values);
    if (value?.$promise !== undefined) return new Promise((resolve, reject) => promises.set(value.$promise, { resolve, reject }));
    if (Array.isArray(value)) return value.map(unwrap);
    if (value && Object.getPrototypeOf(value) === Object.prototype)
      return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unwrap(part)])));
    return value;
  };
  const pack = (value) => encode(wrap(value));
  const unpack = (text) => unwrap(decode(text));

  const tell = (kind, message) => document.dispatchEvent(new CustomEvent(`standin:${other}:${kind}`, { detail: pack(message) }));
  const hear = (kind, listener) => document.addEventListener(`standin:${own}:${kind}`, (event) => listener(unpack(event.detail)));

  let lastPromise = 0;
  function follow(promise) {
    const id = ++lastPromise;
    promise.then(
      (value) => tell('settled', { id, value }),
      (error) => tell('settled', { id, error: String(error?.message ?? error) }),
    );
    return id;
  }
  function call(index, values) {
    answer = undefined;
    // Heard, carried out and answered before this returns.
    tell('call', { index, values });
    const { value, error } = answer ?? {};
    if (error !== undefined) throw new Error(error);
    return value;
  }
  hear('call', ({ index, values }) => {
    let reply;
    try {
      reply = { value: functions[index](...values) };
    } catch (error) {
      reply = { error: String(error?.message ?? error) };
    }
    tell('answer', reply);
  });
  hear('answer', (reply) => (answer = reply));
  hear('settled', ({ id, value, error }) => {
    const { resolve, reject } = promises.get(id);
    promises.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  return { tell, hear };
}
