import type { Context } from '../context.ts'
import { type Html, html } from '../html.ts'
import { emptyNote, loaded, table } from '../layout.ts'
import { addPart } from '../part.ts'
import { query, type Rows } from '../reader.ts'
import { objects, rowsTable } from '../rows-table.ts'
import { consoleSql, namedQueries } from '../sql-files.ts'
import { count, plural, toned } from '../words.ts'

export function addQuality(context: Context): void {
  const { app, reader } = context
  const read = (name: string, unmasked = true) =>
    query(reader, consoleSql(name), [], { unmasked, timeoutMs: 20_000 })

  app.get('/quality', (request, reply) =>
    context.show(request, reply, {
      title: 'Data quality',
      section: '/quality',
      body: html`<h1>Data quality</h1>
<section><h2>Checks</h2><p class="quiet">Each runs after every load; a row that it finds breaks it.</p>${loaded('/parts/checks', 'the checks')}</section>
<section><h2>Breaks</h2><p class="quiet">Accounts whose movements do not lead from one stated balance to the next.</p>${loaded('/parts/breaks', 'the breaks')}</section>
<section><h2>Rejects</h2><p class="quiet">Values that could not be typed: NULL in their column, as they came in <code>extra</code>. Nothing is dropped.</p>${loaded('/parts/rejects', 'the rejects')}</section>
<section><h2>Drift</h2><p class="quiet">Members that no column is for, and values that the standard does not list. They are kept in <code>extra</code>.</p>${loaded('/parts/drift', 'the drift')}</section>`,
    }),
  )

  addPart(context, '/parts/quality-summary', 'Data quality', async () =>
    summary(await read('quality_summary')),
  )
  addPart(context, '/parts/checks', 'Checks', async () => checks(await read('checks')))
  addPart(context, '/parts/breaks', 'Breaks', async () => {
    const rows = await read('breaks', false)
    return rows.rows.length === 0 ? good('No break was found.') : rowsTable('Breaks', rows)
  })
  addPart(context, '/parts/rejects', 'Rejects', async () => {
    const rows = await read('rejects')
    return rows.rows.length === 0
      ? good('Every value could be typed.')
      : rowsTable('Rejects, the most frequent first', rows, [
          'Provider',
          'Table',
          'Field',
          'Reason',
          'Values',
          'Connections',
          'Last seen',
        ])
  })
  addPart(context, '/parts/drift', 'Drift', async () => {
    const rows = await read('drift')
    return rows.rows.length === 0
      ? good('Nothing unknown was sent.')
      : rowsTable('Drift, the newest first', rows, [
          'Provider',
          'Table',
          'Field',
          'Unlisted value',
          'Rows',
          'First seen',
          'Last seen',
        ])
  })
}

const good = (text: string): Html => html`<p>${toned('good', text)}</p>`

function summary(rows: Rows): Html {
  const [one] = objects(rows)
  if (one === undefined) return emptyNote('Nothing has been checked yet.')
  const { checks = '0', failed = '0', rejects = '0', drift = '0' } = one
  const clean = failed === '0'
  return html`<ul class="plain-list">
<li>${clean ? toned('good', `All ${count(checks ?? 0)} checks hold`) : toned('bad', `${plural(Number(failed), 'check')} of ${count(checks ?? 0)} failed`)} <a href="/quality">See them</a></li>
<li>${toned(rejects === '0' ? 'good' : 'warn', plural(Number(rejects), 'value'))} could not be typed</li>
<li>${toned(drift === '0' ? 'good' : 'warn', plural(Number(drift), 'unknown field or value', 'unknown fields and values'))} seen</li></ul>`
}

function checks(rows: Rows): Html {
  const about = new Map(namedQueries('checks').map((one) => [one.name, one.about]))
  if (rows.rows.length === 0) return emptyNote('No load has run the checks yet.')
  return table(
    'Checks',
    [
      { name: 'State' },
      { name: 'What must hold' },
      { name: 'Rows that break it', number: true },
      { name: 'Checked' },
      { name: 'Rows' },
    ],
    objects(rows).map(({ name, failed_rows, checked_at }) => [
      failed_rows === '0' ? toned('good', 'holds') : toned('bad', 'broken'),
      html`${about.get(name ?? '') ?? ''} <code class="quiet">${name}</code>`,
      count(failed_rows ?? 0),
      checked_at?.slice(0, 16),
      about.has(name ?? '') &&
        html`<a href="/sql?check=${name}">${failed_rows === '0' ? 'its query' : 'show them'}</a>`,
    ]),
  )
}
