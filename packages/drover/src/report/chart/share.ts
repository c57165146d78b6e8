/** What part of the whole some rows are, from 0 to 1: of nothing, none. int8 in, so that 2^53 and more divide well. */
export function share(rows: bigint, all: bigint): number {
  return all === 0n ? 0 : Number(rows) / Number(all)
}

/**
 * The same in words: `12.5 %`. Only nothing is `0 %` and only the whole is `100 %`, whatever it would be rounded to: a
 * single lost row of a billion shows.
 */
export function renderShare(rows: bigint, all: bigint): string {
  if (rows === 0n) return '0 %'
  if (rows === all) return '100 %'
  const tenths = (rows * 2000n + all) / (all * 2n)
  if (tenths === 0n) return 'under 0.1 %'
  if (tenths === 1000n) return 'over 99.9 %'
  return `${tenths / 10n}.${tenths % 10n} %`
}
