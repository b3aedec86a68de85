/** Names of the messages between the main process and the preload script. */
export const channels = {
  /** From the page: it wants a session. */
  connect: 'elscope:connect',
  /** To the page: a port to its session. */
  port: 'elscope:port',
  /** To the page: a choice in the menu. */
  menu: 'elscope:menu',
  /** From the page: it hears of links from now on. */
  hearsLinks: 'elscope:hears-links',
  /** To the page: the text of a link, to be asked about. */
  link: 'elscope:link',
} as const;
