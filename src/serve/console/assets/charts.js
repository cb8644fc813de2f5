// Draws each chart from the table beneath it: the first column is the axis, the number columns are the series.
/* global Chart */

const drawn = new Map()

/** A colour of the stylesheet as the canvas needs it: the theme that is shown, resolved. */
function style(name) {
  const probe = document.createElement('i')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
const palette = () =>
  ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6'].map(style)

/** The table as texts, and which of its columns are numbers. */
export function readTable(table) {
  const heads = [...table.tHead.rows[0].cells]
  return {
    names: heads.map((cell) => cell.textContent),
    numbers: heads.map((cell) => cell.classList.contains('number')),
    rows: [...table.tBodies[0].rows].map((row) =>
      [...row.cells].map((cell) => (cell.querySelector('.null') ? null : cell.textContent)),
    ),
  }
}

/** A chart's points may be rounded; the table keeps every digit. */
const asNumber = (text) =>
  text === null ? null : Number(text.replaceAll(',', '').replace('−', '-'))

const short = new Intl.NumberFormat('en-CA', { notation: 'compact', maximumFractionDigits: 1 })
const long = new Intl.NumberFormat('en-CA', { maximumFractionDigits: 2 })

/** What to draw: `{ kind, unit, labels, series: [{ name, values }] }`. */
export function draw(canvas, spec) {
  drawn.get(canvas)?.chart.destroy()
  const { kind, unit, labels, series } = spec
  const colours = palette()
  const across = kind === 'across'
  canvas.parentElement.hidden = false
  canvas.parentElement.style.height = ''
  const bars = kind !== 'line'
  const stacked = kind === 'stack'
  const grid = { color: style('--line') }
  const ticks = { color: style('--quiet'), font: { size: 11 } }
  const value = {
    grid,
    stacked,
    border: { display: false },
    ticks: { ...ticks, callback: (at) => short.format(at) },
    title: { display: unit !== '', text: unit, color: style('--quiet'), font: { size: 11 } },
  }
  const category = {
    grid: { display: false },
    stacked,
    ticks: { ...ticks, autoSkip: true, maxRotation: 0, autoSkipPadding: 16 },
  }
  if (across) {
    // Half of the width is for the names; the end of a name tells accounts apart.
    const letters = Math.max(10, Math.floor(canvas.parentElement.clientWidth / 11))
    const shortened = (name) => (name.length > letters ? `…${name.slice(1 - letters)}` : name)
    category.ticks = { ...ticks, autoSkip: false, callback: (_, at) => shortened(labels[at]) }
    canvas.parentElement.style.height = `${60 + 26 * labels.length}px`
  }
  const chart = new Chart(canvas, {
    type: bars ? 'bar' : 'line',
    data: {
      labels,
      datasets: series.map(({ name, values }, at) => {
        const colour = colours[at % colours.length]
        const line = !bars || (stacked && at === series.length - 1 && series.length > 2)
        return {
          type: line ? 'line' : 'bar',
          label: name,
          data: values,
          borderColor: line && bars ? style('--text') : colour,
          backgroundColor: line ? 'transparent' : colour,
          borderWidth: line ? 2 : 0,
          borderDash: !bars ? [[], [6, 4], [2, 3]][Math.floor(at / 3)] : [],
          // A value whose neighbours are missing has no line to be seen by.
          pointRadius: ({ dataIndex: i }) =>
            labels.length > 40 && (values[i - 1] ?? values[i + 1] ?? null) !== null ? 0 : 2,
          maxBarThickness: 28,
          tension: 0,
          spanGaps: true,
          order: line ? 0 : 1,
        }
      }),
    },
    options: {
      indexAxis: across ? 'y' : 'x',
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false, axis: across ? 'y' : 'x' },
      scales: across
        ? { x: { ...value, beginAtZero: true }, y: category }
        : { x: category, y: value },
      plugins: {
        legend: {
          display: series.length > 1,
          position: 'bottom',
          labels: { color: style('--text'), boxWidth: 14, boxHeight: 3, font: { size: 12 } },
        },
        tooltip: {
          callbacks: {
            label: ({ dataset, raw }) =>
              `${dataset.label}: ${raw === null ? '–' : long.format(raw)} ${unit}`,
          },
        },
      },
    },
  })
  drawn.set(canvas, { chart, spec })
  canvas.dataset.drawn = 'yes'
}

function drawFigure(figure) {
  const table = figure.querySelector('table')
  const canvas = figure.querySelector('canvas')
  if (!table || canvas.dataset.drawn) return
  const { names, numbers, rows } = readTable(table)
  const columns = names.map((_, at) => at).filter((at) => at > 0 && numbers[at])
  const kept = figure.dataset.chart === 'across' ? columns.slice(0, 1) : columns
  draw(canvas, {
    kind: figure.dataset.chart,
    unit: figure.dataset.unit,
    labels: rows.map((row) => row[0] ?? '–'),
    series: kept.map((at) => ({ name: names[at], values: rows.map((row) => asNumber(row[at])) })),
  })
}

export const toNumber = asNumber

const drawAll = (root) => {
  for (const figure of root.querySelectorAll('figure[data-chart]')) drawFigure(figure)
}
const redraw = () => {
  for (const [canvas, { spec }] of drawn) draw(canvas, spec)
}

document.addEventListener('part', (event) => drawAll(event.target))
document.addEventListener('theme', redraw)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
drawAll(document)
