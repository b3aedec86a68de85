/** Listeners for one kind of event, called in the order they were added. */
export class Signal<T> {
  private readonly listeners = new Set<(event: T) => void>();

  /** Returns the function that removes the listener. */
  on(listener: (event: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(event: T): void {
    for (const listener of this.listeners) listener(event);
  }
}
