/** Names of the messages between the main process and the preload script. */
export const channels = {
  /** From the page: it wants a session. */
  connect: 'elscope:connect',
  /** To the page: a port to its session. */
  port: 'elscope:port',
  /** To the page: a choice in the menu. */
  menu: 'elscope:menu',
} as const;
