const setting = 'default_transaction_read_only=on'

/**
 * A connection string whose sessions are read-only by default: the setting is added to those that its `options` give,
 * behind them, where the last one counts. Blanks are written `%20`: libpq does not read `+` as one.
 */
export function readOnlyUrl(url: string): string {
  const at = new URL(url)
  const parameters = at.search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '')
  const given = parameters.findLast((parameter) => parameter.startsWith('options='))
  const before = given === undefined ? 'options=' : `${given}%20`
  const others = parameters.filter((parameter) => !parameter.startsWith('options='))
  at.search = [...others, `${before}-c%20${encodeURIComponent(setting)}`].join('&')
  return at.href
}
