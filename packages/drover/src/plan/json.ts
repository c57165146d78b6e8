/**
 * What `JSON.stringify` gives of an object, in pieces: an entry each, of lists an element each. As one text a plan would
 * take several times its room.
 */
export function* jsonPieces(object: object): Generator<string> {
  let open = '{'
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue
    yield `${open}${JSON.stringify(name)}:`
    if (Array.isArray(value)) yield* listPieces(value)
    else yield JSON.stringify(value)
    open = ','
  }
  yield open === '{' ? '{}' : '}'
}

function* listPieces(values: readonly unknown[]): Generator<string> {
  let open = '['
  for (const value of values) {
    yield open + JSON.stringify(value)
    open = ','
  }
  yield values.length === 0 ? '[]' : ']'
}
