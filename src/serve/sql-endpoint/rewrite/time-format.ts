/** Patterns of to_char for times (PostgreSQL documentation, table 9.26) and strftime's marks for them; longer ones first. */
const marks: readonly (readonly [pattern: string, mark: string])[] = [
  ['FM', ''],
  ['IYYY', '%G'],
  ['YYYY', '%Y'],
  ['YY', '%y'],
  ['HH24', '%H'],
  ['HH12', '%I'],
  ['HH', '%I'],
  ['MI', '%M'],
  ['MS', '%g'],
  ['US', '%f'],
  ['SS', '%S'],
  ['MONTH', '%B'],
  ['MON', '%b'],
  ['MM', '%m'],
  ['DDD', '%j'],
  ['DD', '%d'],
  ['DAY', '%A'],
  ['DY', '%a'],
  ['IW', '%V'],
  ['WW', '%W'],
  ['AM', '%p'],
  ['PM', '%p'],
  ['TZ', 'UTC'],
]

/** A template of to_char, to_date or to_timestamp as a format of strftime. Text in double quotes stays as it is. */
export function timeFormat(template: string): string {
  let format = ''
  for (let at = 0; at < template.length; ) {
    if (template[at] === '"') {
      const end = template.indexOf('"', at + 1)
      const stop = end === -1 ? template.length : end
      format += template.slice(at + 1, stop).replaceAll('%', '%%')
      at = stop + 1
      continue
    }
    const found = marks.find(
      ([pattern]) => template.slice(at, at + pattern.length).toUpperCase() === pattern,
    )
    format += found ? found[1] : (template[at] ?? '').replace('%', '%%')
    at += found ? found[0].length : 1
  }
  return format
}
