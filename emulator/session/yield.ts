/**
 * Lets waiting messages be handled, then goes on. A timer would wait at least 1 ms in Node and 4 ms in a browser's worker, which a machine
 * running flat out cannot afford; a message to ourselves does not wait.
 */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
