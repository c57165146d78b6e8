/**
 * What the page can do beyond reading: filter the rows of long tables, and copy commands. It makes its own controls, so that
 * without it none is shown and nothing is missing. Never more than text is put into the page.
 */
export const scriptText = `
'use strict'
const make = (tag, properties) => Object.assign(document.createElement(tag), properties)

for (const table of document.querySelectorAll('table[data-filter]')) {
  const rows = [...table.tBodies[0].rows]
  const texts = rows.map((row) => row.textContent.toLowerCase())
  const input = make('input', { type: 'search', autocomplete: 'off', spellcheck: false })
  const count = make('output', { className: 'soft' })
  const label = make('label', { textContent: 'Filter ' })
  label.append(input)
  const filter = make('p', { className: 'filter' })
  filter.append(label, count)
  table.parentElement.before(filter)
  input.setAttribute('aria-label', 'Filter rows: ' + table.caption.textContent)
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(' ').filter(Boolean)
    let shown = 0
    rows.forEach((row, i) => {
      row.hidden = !words.every((word) => texts[i].includes(word))
      if (!row.hidden) shown += 1
    })
    count.textContent = words.length === 0 ? '' : shown + ' of ' + rows.length + ' rows'
  })
}

for (const block of document.querySelectorAll('pre[data-copy]')) {
  const button = make('button', { type: 'button', className: 'copy', textContent: 'Copy' })
  button.setAttribute('aria-label', 'Copy the ' + block.dataset.copy)
  button.addEventListener('click', async () => {
    const text = block.textContent.replace(/\\n$/, '')
    const done = await navigator.clipboard?.writeText(text).then(() => true, () => false)
    if (!done) getSelection().selectAllChildren(block)
    button.textContent = done ? 'Copied' : 'Selected'
    setTimeout(() => { button.textContent = 'Copy' }, 2000)
  })
  const box = make('div', { className: 'copied' })
  block.before(box)
  box.append(block, button)
}
`
