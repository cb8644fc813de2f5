// The SQL box: run, cancel, table or chart, where in the query a fault is.
import { draw, readTable, toNumber } from './charts.js'

const form = document.getElementById('query')
const box = document.getElementById('sql')
const run = document.getElementById('run')
const cancel = document.getElementById('cancel')
const trouble = document.getElementById('query-trouble')
const result = document.getElementById('result')
let asking

function say(text) {
  trouble.textContent = text
  trouble.hidden = text === ''
}

/** Says what is wrong, and puts the cursor where it is. */
function showFault({ message, position }) {
  if (!position) return say(message)
  const before = box.value.slice(0, position - 1)
  const lines = before.split('\n')
  say(`Line ${lines.length}, column ${lines.at(-1).length + 1}: ${message}`)
  const word = /^\w+|^./.exec(box.value.slice(position - 1))?.[0] ?? ''
  box.focus()
  box.setSelectionRange(position - 1, position - 1 + word.length)
}

async function ask() {
  asking?.abort()
  asking = new AbortController()
  const { signal } = asking
  say('')
  cancel.disabled = false
  run.setAttribute('aria-busy', 'true')
  const began = performance.now()
  result.innerHTML = '<p class="empty">Asking …</p>'
  try {
    const answer = await fetch('/sql', {
      method: 'POST',
      signal,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'x-csrf-token': document.querySelector('meta[name=csrf]').content,
      },
      body: JSON.stringify({
        sql: box.value,
        unmasked: form.elements.unmasked.checked ? 'yes' : '',
      }),
    })
    if (answer.status === 401)
      return say('The session is over. Copy your query, then load this page again to sign in.')
    const isJson = answer.headers.get('content-type')?.includes('json')
    const body = isJson ? await answer.json() : { message: await answer.text() }
    if (!answer.ok) {
      result.innerHTML = ''
      return showFault(body)
    }
    result.innerHTML = body.html
    const status = result.querySelector('[role=status]')
    status.textContent += ` · ${((performance.now() - began) / 1000).toFixed(2)} s`
  } catch {
    if (!signal.aborted) say('The server does not answer. Try again in a moment.')
    else if (asking?.signal === signal) result.innerHTML = '<p class="empty">Cancelled.</p>'
  } finally {
    if (asking?.signal === signal || signal.aborted) {
      cancel.disabled = true
      run.removeAttribute('aria-busy')
    }
  }
}

run.addEventListener('click', ask)
cancel.addEventListener('click', () => asking?.abort())
box.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    ask()
  }
})

/** A labelled choice. Names of columns are somebody's text: they are set as text, never as markup. */
function choice(name, label, values, chosen) {
  const select = document.createElement('select')
  select.name = name
  select.append(...values.map(([value, text]) => new Option(text, value, false, value === chosen)))
  select.addEventListener('change', showChart)
  const element = document.createElement('label')
  element.append(`${label} `, select)
  return element
}

/** Chooses axis and series of a result, and draws them. The table stays the source. */
function showChart() {
  const { names, numbers, rows } = readTable(result.querySelector('table'))
  const place = result.querySelector('[data-as=chart]')
  const canvas = place.querySelector('canvas')
  const options = place.querySelector('.options')
  const numeric = names.map((_, at) => at).filter((at) => numbers[at])
  if (numeric.length === 0 || rows.length === 0) {
    options.textContent = 'A chart needs rows with a column of numbers.'
    canvas.parentElement.hidden = true
    return
  }
  const axis = names.findIndex((_, at) => !numbers[at])
  if (!options.firstChild) {
    const columns = names.map((name, at) => [String(at), name])
    const kinds = [
      ['line', 'lines'],
      ['bar', 'bars'],
      ['stack', 'stacked bars'],
      ['across', 'bars across'],
    ]
    const numbersOnly = [['all', 'all numbers'], ...numeric.map((at) => columns[at])]
    const isDated = axis >= 0 && /^\d{4}-\d\d/.test(rows[0][axis] ?? '')
    options.append(
      choice('kind', 'Draw', kinds, isDated ? 'line' : 'bar'),
      choice('of', 'of', numbersOnly, 'all'),
      choice('axis', 'by', columns, String(Math.max(0, axis))),
    )
  }
  const chosen = (name) => options.querySelector(`[name=${name}]`).value
  const by = Number(chosen('axis'))
  const series = chosen('of') === 'all' ? numeric.filter((at) => at !== by) : [Number(chosen('of'))]
  draw(canvas, {
    kind: chosen('kind'),
    unit: '',
    labels: rows.map((row) => row[by] ?? '–'),
    series: series.map((at) => ({ name: names[at], values: rows.map((row) => toNumber(row[at])) })),
  })
}

result.addEventListener('click', (event) => {
  const button = event.target.closest('[data-show]')
  if (!button) return
  for (const one of result.querySelectorAll('[data-show]'))
    one.setAttribute('aria-pressed', String(one === button))
  for (const place of result.querySelectorAll('[data-as]'))
    place.hidden = place.dataset.as !== button.dataset.show
  if (button.dataset.show === 'chart') showChart()
})

document.querySelector('.shelf').addEventListener('click', (event) => {
  const button = event.target.closest('[data-insert], [data-query]')
  if (!button) return
  if (button.dataset.query) {
    box.value = button.dataset.query
    return ask()
  }
  box.focus()
  box.setRangeText(button.dataset.insert, box.selectionStart, box.selectionEnd, 'end')
})
