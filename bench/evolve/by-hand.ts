import pg from 'pg'

/** What the helpers make, as a script would write it: the same white space, the same folding of case. */
const label = `btrim(regexp_replace(label collate "default", '[\\u0009-\\u000D\\u0020\\u0085\\u00A0\\u1680\\u2000-\\u200B\\u2028\\u2029\\u202F\\u205F\\u2060\\u3000\\uFEFF]+', ' ', 'g'))`
const source = `lower(btrim(normalize(source, nfkc), U&'\\0009\\000a\\000b\\000c\\000d\\0020\\0085\\00a0\\1680\\2000\\2001\\2002\\2003\\2004\\2005\\2006\\2007\\2008\\2009\\200a\\200b\\2028\\2029\\202f\\205f\\2060\\3000\\feff') collate pg_catalog."und-x-icu")`

/** The same change, by hand: of the rows in `$1` up to `$2`, all of which change. */
const update = `update app.readings
set label = ${label}, source = ${source}
where id >= $1 and id < $2`

/** Two sessions, a transaction for each chunk. */
export async function updateByHand(url: string, rows: number, perChunk: number): Promise<void> {
  let next = 1
  const session = async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    while (next <= rows) {
      const from = next
      next += perChunk
      await client.query(update, [from, from + perChunk])
    }
    await client.end()
  }
  await Promise.all([session(), session()])
}
