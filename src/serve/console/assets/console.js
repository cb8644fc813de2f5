// What every page has: parts that are fetched by themselves, parts that are kept up to date, the theme.

const signIn = () =>
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)

/** Fetches the parts of a page that wait for a query, and the parts inside those. */
export async function loadParts(root) {
  await Promise.all(
    [...root.querySelectorAll('[data-load]')].map(async (place) => {
      const address = place.dataset.load
      delete place.dataset.load
      try {
        const answer = await fetch(address, { headers: { accept: 'text/html' } })
        if (answer.status === 401) return signIn()
        place.innerHTML = await answer.text()
      } catch {
        place.innerHTML =
          '<p class="note bad" role="alert">The server does not answer. Load the page again in a moment.</p>'
      }
      place.removeAttribute('aria-busy')
      place.dispatchEvent(new CustomEvent('part', { bubbles: true }))
      await loadParts(place)
    }),
  )
}

/** Makes `now` like `next` and leaves alone what is the same: focus and selection stay where they are. */
function become(now, next) {
  if (now.isEqualNode(next)) return
  const alike = now.nodeType === 1 && next.nodeType === 1 && now.tagName === next.tagName
  if (!alike) return now.replaceWith(next)
  for (const { name } of [...now.attributes])
    if (!next.hasAttribute(name)) now.removeAttribute(name)
  for (const { name, value } of next.attributes)
    if (now.getAttribute(name) !== value) now.setAttribute(name, value)
  const children = [...next.childNodes]
  for (const [at, child] of children.entries()) {
    const old = now.childNodes[at]
    if (old) become(old, child)
    else now.append(child)
  }
  while (now.childNodes.length > children.length) now.lastChild.remove()
}

function parse(html) {
  const template = document.createElement('template')
  template.innerHTML = html
  return template.content.firstElementChild
}

/** Listens to the page's event stream while somebody looks at it: a hidden tab asks for nothing. */
function watch(address) {
  const said = document.getElementById('live-state')
  let stream
  const stop = () => {
    stream?.close()
    stream = undefined
  }
  const start = () => {
    if (stream || document.hidden) return
    stream = new EventSource(address)
    stream.addEventListener('open', () => {
      said.textContent = 'Live'
      said.className = 'live'
    })
    stream.addEventListener('error', () => {
      said.textContent = 'Not live: the server does not answer; trying again'
      said.className = 'not-live'
      if (stream?.readyState === EventSource.CLOSED) stop()
    })
    stream.addEventListener('part', (event) => {
      const { id, html } = JSON.parse(event.data)
      const now = document.getElementById(id)
      const next = parse(html)
      if (now && next) become(now, next)
    })
    stream.addEventListener('over', signIn)
  }
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : start()))
  addEventListener('pagehide', stop)
  addEventListener('pageshow', start)
  start()
}

// On a narrow screen the sections scroll: the one that is shown should be in sight.
const nav = document.querySelector('.bar nav')
const current = nav?.querySelector('[aria-current]')
if (current) nav.scrollLeft = current.offsetLeft - nav.offsetLeft - 24

const { live } = document.body.dataset
if (live) watch(live)
loadParts(document)

document.getElementById('theme')?.addEventListener('change', (event) => {
  const theme = event.target.value
  document.cookie = `fdx_theme=${theme}; path=/; max-age=31536000; samesite=strict`
  document.documentElement.dataset.theme = theme
  document.dispatchEvent(new CustomEvent('theme'))
})

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]')
  if (!button) return
  await navigator.clipboard.writeText(button.dataset.copy)
  button.textContent = 'Copied'
})
