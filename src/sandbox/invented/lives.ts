import type { Day } from '../calendar.ts'
import { clockText, dayText } from '../calendar.ts'
import type { Chance } from '../chance.ts'
import { chanceOf, hexOf } from '../chance.ts'
import type { Cents } from '../money.ts'
import { dollars, money, share } from '../money.ts'
import { groceries, shops } from './names.ts'
import type { AccountKey } from './plan.ts'
import { partsOf } from './plan.ts'
import type { Movement } from './transactions.ts'

/** How one event goes on from the row that first shows it. */
export const lifeKinds = [
  'plain',
  'reference',
  'tip',
  'fuel',
  'twin',
  'cancelled',
  'reissued_posted',
  'reissued_pending',
] as const
export type LifeKind = (typeof lifeKinds)[number]

/** Two rows that are one event, in the order in which the bank showed them. */
export interface TrueLink {
  readonly kind: LifeKind
  readonly earlier: string
  readonly later: string
  /** What can be seen of the two rows: rows that nobody can tell apart share it, and may be swapped. */
  readonly earlierLooks: string
  readonly laterLooks: string
}

interface Form {
  readonly id: string
  readonly from: Day
  /** The first day on which it is not shown any more. */
  readonly until: Day
  readonly pending: boolean
  readonly signed: Cents
  readonly description: string
}

interface Life {
  readonly kind: LifeKind
  readonly name: string
  readonly made: Day
  readonly second: number
  readonly category: string
  readonly referred: boolean
  readonly forms: readonly Form[]
}

const never = Number.MAX_SAFE_INTEGER
/** How far back the sandbox shows lives. Days. */
export const livesDays = 60
/** An event is over within so many days. */
const longest = 12

const restaurants = ['LANTERN NOODLE HOUSE', 'BISTRO SAINT-AUBIN', 'COPPER KETTLE DINER'] as const
const pumps = ['NORTHLINE GAS BAR', 'PETRO-LARK', 'HIGHWAY 9 FUEL STOP'] as const
const holds = [1, 100, 125, 150, 200] as const
const cities = ['TORONTO ON', 'MONTREAL QC', 'HALIFAX NS'] as const

/** All rows that the bank shows of an account's card on `today`, of events since `from`. */
export function livesOn(key: AccountKey, from: Day, today: Day): Movement[] {
  return livesBetween(key, from, today).flatMap((life) =>
    life.forms
      .filter((form) => form.from <= today && today < form.until)
      .map((form) => movementOf(key, life, form)),
  )
}

/** What truly followed what, of rows that were shown on or before `today`, for a reader who looked every day. */
export function trueLinks(key: AccountKey, from: Day, today: Day): TrueLink[] {
  return livesBetween(key, from, today).flatMap((life) =>
    life.forms
      .filter((form) => form.from <= today)
      .flatMap((form, at, shown) => {
        const before = shown[at - 1]
        if (before === undefined) return []
        const [earlierLooks, laterLooks] = [looksOf(key, life, before), looksOf(key, life, form)]
        return [{ kind: life.kind, earlier: before.id, later: form.id, earlierLooks, laterLooks }]
      }),
  )
}

function livesBetween(key: AccountKey, from: Day, today: Day): Life[] {
  const days = Array.from({ length: Math.max(0, today - from + 1) }, (_, at) => from + at)
  return days.flatMap((day) => livesOf(key, day))
}

/** The events of one day. They follow from the account's key and the day alone. */
function livesOf(key: AccountKey, made: Day): Life[] {
  const chance = chanceOf(...partsOf(key), made, 'lives')
  const habit = chanceOf(...partsOf(key), 'habit')
  const coffee = { name: habit.pick(shops).name, signed: -dollars(habit.between(3, 6), 45) }
  const lives: Life[] = []
  const add = (kind: LifeKind, more: Partial<Draft> = {}) => {
    const draft = { ...draftOf(key, chance, kind, made, lives.length), ...more }
    lives.push(lifeOf(key, chance, draft))
    if (kind === 'twin') lives.push(lifeOf(key, chance, { ...draft, number: lives.length }))
    // Sometimes the person comes back after a cancelled purchase, and pays nearly the same.
    if (kind === 'cancelled' && chance.percent(40))
      lives.push(
        lifeOf(key, chance, {
          ...draft,
          kind: 'plain',
          number: lives.length,
          signed: share(draft.signed, BigInt(chance.between(80, 125)), 100n),
        }),
      )
  }
  if (chance.percent(60)) add('plain', { name: coffee.name, signed: coffee.signed })
  for (let count = chance.between(1, 3); count > 0; count--) add(kindBy(chance.below(100)))
  return lives
}

function kindBy(draw: number): LifeKind {
  const shares: readonly (readonly [LifeKind, number])[] = [
    ['plain', 38],
    ['reference', 48],
    ['tip', 64],
    ['fuel', 74],
    ['twin', 80],
    ['cancelled', 87],
    ['reissued_posted', 94],
    ['reissued_pending', 100],
  ]
  return shares.find(([, below]) => draw < below)?.[0] ?? 'plain'
}

interface Draft {
  readonly kind: LifeKind
  readonly number: number
  readonly made: Day
  readonly name: string
  readonly category: string
  readonly signed: Cents
  readonly postsAfter: number
}

function draftOf(
  key: AccountKey,
  chance: Chance,
  kind: LifeKind,
  made: Day,
  number: number,
): Draft {
  const shop = chance.pick([...groceries, ...shops])
  const name =
    kind === 'tip' ? chance.pick(restaurants) : kind === 'fuel' ? chance.pick(pumps) : shop.name
  const low = kind === 'tip' ? 18 : shop.low
  const slow = key.index % 2 === 0 ? 3 : 5
  return {
    kind,
    number,
    made,
    name,
    category: kind === 'tip' ? '5812' : kind === 'fuel' ? '5541' : shop.category,
    signed: -dollars(chance.between(low, low + 60), chance.below(100)),
    postsAfter: chance.between(1, slow),
  }
}

function lifeOf(key: AccountKey, chance: Chance, draft: Draft): Life {
  const { kind, made, name, signed, postsAfter, number } = draft
  const id = (form: string) => `${form}${hexOf(...partsOf(key), made, number, form).slice(0, 10)}`
  const posts = made + postsAfter
  const held = kind === 'fuel' ? -dollars(chance.pick(holds)) : signed
  const paid = kind === 'tip' ? share(signed, BigInt(chance.between(108, 125)), 100n) : signed
  const early = pendingText(chance, name)
  const late = postedText(chance, name)
  const form = (text: string, from: Day, until: Day, pending: boolean): Form => ({
    id: id(text),
    from,
    until,
    pending,
    signed: pending ? held : paid,
    description: pending ? early : late,
  })
  const forms: Record<LifeKind, () => Form[]> = {
    plain: () => [form('H', made, posts, true), form('T', posts, never, false)],
    reference: () => forms.plain(),
    tip: () => forms.plain(),
    fuel: () => forms.plain(),
    twin: () => forms.plain(),
    cancelled: () => [form('H', made, made + chance.between(1, longest - 2), true)],
    reissued_posted: () => [
      form('H', made, posts, true),
      form('T', posts, posts + 3, false),
      form('N', posts + 3, never, false),
    ],
    reissued_pending: () => [
      ...Array.from({ length: postsAfter }, (_, at) =>
        form(`H${at}`, made + at, made + at + 1, true),
      ),
      form('T', posts, never, false),
    ],
  }
  return {
    kind,
    name,
    made,
    second: 30_000 + number * 1000 + chance.below(900),
    category: draft.category,
    referred: kind === 'reference',
    forms: forms[kind](),
  }
}

/** A terminal's text: cut short, decorated, or saying nothing at all. */
function pendingText(chance: Chance, name: string): string {
  const draw = chance.below(100)
  if (draw < 5) return 'PENDING PURCHASE'
  if (draw < 35) return name.slice(0, chance.between(11, 14)).trim()
  if (draw < 55) return `SQ *${name}`
  if (draw < 75) return `PREAUTH ${name} ${chance.digits(4)}`
  return name
}

/** The same place as the statement names it. */
function postedText(chance: Chance, name: string): string {
  const draw = chance.below(100)
  if (draw < 40) return `${name} #${chance.digits(4)} ${chance.pick(cities)}`
  if (draw < 60) return `POS PURCHASE ${name}`
  if (draw < 75) return `${name.slice(0, 18).trim()} ${chance.digits(6)}`
  return name
}

/** Some banks keep the moment of the purchase, others know the posting alone. */
const keepsMoment = (key: AccountKey, form: Form) => form.pending || key.index % 2 === 0

/** Shop, amount, and the days that are shown. */
function looksOf(key: AccountKey, life: Life, form: Form): string {
  const made = keepsMoment(key, form) ? life.made : ''
  return [key.index, life.name, form.signed, form.pending, form.from, form.until, made].join('/')
}

function movementOf(key: AccountKey, life: Life, form: Form): Movement {
  const made = `${dayText(life.made)}T${clockText(life.second)}Z`
  const before = life.forms[life.forms.indexOf(form) - 1]
  return {
    id: form.id,
    status: form.pending ? 'PENDING' : 'POSTED',
    day: form.pending ? life.made : firstPosting(life),
    signed: form.signed,
    fields: {
      transactionId: form.id,
      referenceTransactionId: life.referred && !form.pending ? before?.id : undefined,
      postedTimestamp: form.pending ? undefined : `${dayText(firstPosting(life))}T00:00:00Z`,
      transactionTimestamp: keepsMoment(key, form) ? made : undefined,
      debitCreditMemo: 'DEBIT',
      amount: money(-form.signed),
      status: form.pending ? 'PENDING' : 'POSTED',
      transactionType: 'POSDEBIT',
      description: form.description,
      category: life.category,
    },
  }
}

/** A row that comes under a new id keeps the day on which it was posted. */
const firstPosting = ({ forms, made }: Life): Day =>
  forms.find((form) => !form.pending)?.from ?? made
