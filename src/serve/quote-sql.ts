/** For the few statements that take no parameters: ATTACH, COPY. Everything else binds. */
export const quoteText = (text: string) => `'${text.replaceAll("'", "''")}'`

export const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`
