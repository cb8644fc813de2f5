import { readFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { dataPaths } from '../../../src/config/settings.ts'
import { addGauges } from '../../../src/serve/metrics/gauges.ts'
import { openMetrics } from '../../../src/serve/metrics/registry.ts'
import { addSqlMetrics } from '../../../src/serve/metrics/sql.ts'
import { openState } from '../../../src/state/state.ts'

/** Every name that /metrics can have, with what Prometheus makes of histograms. */
function names(): Set<string> {
  const { registry } = openMetrics()
  using state = openState(':memory:')
  addGauges({
    ...{ registry, state, paths: dataPaths('nowhere'), world: { now: () => 0 }, version: '' },
    nextStarts: () => [],
    parts: async () => ({}),
  })
  addSqlMetrics(registry, { counters: async () => undefined, restarts: () => 0 })
  expect(registry).toBeInstanceOf(Registry)
  return new Set(
    registry
      .getMetricsAsArray()
      .flatMap(({ name }) => [
        name,
        ...['_bucket', '_sum', '_count'].map((suffix) => name + suffix),
      ]),
  )
}

const used = (text: string) =>
  new Set(text.match(/\b(fdx|process|nodejs)_[a-z0-9_]+(?=[{[\s)<>]|$)/gm) ?? [])

test('the dashboard and the alerts name metrics that there are', () => {
  const known = names()
  const dashboard = JSON.parse(readFileSync('docs/operate/grafana-dashboard.json', 'utf8'))
  const asked = dashboard.panels.flatMap((panel: { targets?: { expr: string }[] }) =>
    (panel.targets ?? []).map(({ expr }) => expr),
  )
  expect(asked.length).toBeGreaterThan(20)
  const alerts = parse(readFileSync('docs/operate/alerts.yaml', 'utf8'))
  const rules = alerts.groups[0].rules.map(({ expr }: { expr: string }) => expr)
  for (const expression of [...asked, ...rules])
    for (const name of used(expression)) expect(known, expression).toContain(name)
})

test('names follow the conventions: a prefix, base units, _total on counters alone', async () => {
  const { registry } = openMetrics()
  for (const metric of registry.getMetricsAsArray().filter(({ name }) => name.startsWith('fdx_'))) {
    expect(metric.name).toMatch(/^fdx_[a-z][a-z0-9_]*$/)
    expect(metric.name).not.toMatch(/_(ms|milliseconds|kb|minutes)$/)
    const isCounter = String((metric as { type?: unknown }).type) === 'counter'
    expect([metric.name, metric.name.endsWith('_total')]).toEqual([metric.name, isCounter])
  }
})
