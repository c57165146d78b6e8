/**
 * Keeps a page as its run is: puts what the server sends in the place of what was there, and leaves focus, selection and
 * scrolled boxes where they are. It comes back by itself after the server was away. Without it the page has a link that
 * loads it again.
 */
export const pageScript = `
'use strict'
const address = document.currentScript.dataset.events
const connection = document.getElementById('connection')
const tell = (text) => { if (connection) connection.textContent = text }

const placeOf = (element, within) => {
  const path = []
  for (let at = element; at !== within; at = at.parentElement) path.unshift([...at.parentElement.children].indexOf(at))
  return path
}
const elementAt = (path, within) => path.reduce((at, i) => at?.children[i], within)

const replace = ({ id, version, markup }) => {
  const element = document.getElementById(id)
  if (!element || element.dataset.version === version) return
  const focused = element.contains(document.activeElement) && placeOf(document.activeElement, element)
  const kept = (list, value) => [...element.querySelectorAll(list)].map(value)
  const scrolled = kept('.scroll', (box) => box.scrollLeft)
  const opened = kept('details', (details) => details.open)
  element.innerHTML = markup
  element.dataset.version = version
  element.querySelectorAll('.scroll').forEach((box, i) => { box.scrollLeft = scrolled[i] ?? 0 })
  element.querySelectorAll('details').forEach((details, i) => { details.open = opened[i] ?? details.open })
  if (focused) elementAt(focused, element)?.focus({ preventScroll: true })
}

const connect = () => {
  const events = new EventSource(address)
  events.onopen = () => tell('Live: the page follows the run.')
  events.addEventListener('fragment', (event) => replace(JSON.parse(event.data)))
  events.addEventListener('end', () => {
    events.close()
    tell('The run is over: nothing will change here any more.')
  })
  events.onerror = () => {
    tell('drover serve does not answer. The page comes back by itself once it does.')
    // A server that answers, and not with events, is not asked again by the browser.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, 2000)
  }
}
if (address) connect()
`
