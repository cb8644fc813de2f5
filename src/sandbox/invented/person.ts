import type { Chance } from '../chance.ts'
import { chanceOf, guidOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import type { City } from './names.ts'
import { cities, employers, firstNames, lastNames, streets } from './names.ts'
import type { Provider } from './plan.ts'

/** An invented human being: the same at every asking. */
export interface Person {
  readonly first: string
  readonly middle: string
  readonly last: string
  readonly name: string
  readonly email: string
  /** Ten digits, North American. */
  readonly phone: string
  readonly birth: string
  readonly street: string
  readonly city: City
  readonly employer: string
  readonly customerId: string
  /** `sub` in tokens: who this is at this provider. */
  readonly sub: string
}

/** The person with this number at a provider. Outbound and Flinks are Canadian, the others serve both countries. */
export function personOf(seed: string, provider: Provider, number: number): Person {
  const chance = chanceOf(seed, provider, number, 'person')
  const country = countryOf(provider, number)
  const first = chance.pick(firstNames)
  const last = chance.pick(lastNames)
  return {
    first,
    middle: chance.pick(firstNames),
    last,
    name: `${first} ${last}`,
    email: `${plain(first)}.${plain(last)}${number}@example.${country === 'CA' ? 'org' : 'com'}`,
    phone: `${country === 'CA' ? '514' : '802'}55501${chance.digits(2)}`,
    birth: birthOf(chance),
    street: `${chance.between(1, 9999)} ${chance.pick(streets)}`,
    city: chance.pick(cities[country]),
    employer: chance.pick(employers),
    customerId: `cust-${guidOf(seed, provider, number, 'customer').slice(0, 13)}`,
    sub: guidOf(seed, provider, number, 'sub'),
  }
}

/** Where a person of a provider lives. */
export function countryOf(provider: Provider, number: number): 'CA' | 'US' {
  if (provider === 'outbound' || provider === 'flinks') return 'CA'
  return provider === 'rotating' || number % 2 === 1 ? 'US' : 'CA'
}

function birthOf(chance: Chance): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${chance.between(1945, 2004)}-${two(chance.between(1, 12))}-${two(chance.between(1, 28))}`
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
}

/** FDX `Customer` with the fields of all versions; a dialect keeps its own. */
export function customerOf(person: Person, number: number): JsonObject {
  const { city } = person
  return {
    customerId: person.customerId,
    type: 'CONSUMER',
    name: {
      first: person.first,
      middle: person.middle,
      last: person.last,
      suffix: number % 4 === 0 ? 'Jr' : null,
      prefix: number % 4 === 0 ? 'Dr' : null,
      company: number % 4 === 0 ? `${person.last} Consulting` : null,
    },
    dateOfBirth: person.birth,
    taxId: `***-**-${person.phone.slice(-4)}`,
    taxIdCountry: city.country,
    governmentId: `GOV-${person.customerId.slice(5, 13).toUpperCase()}`,
    emails: [person.email],
    addresses: [
      address(person, 'HOME', true),
      ...(number % 4 === 0 ? [address(person, 'MAILING', false)] : []),
    ],
    telephones: [
      telephone(person.phone, 'CELL', 'CELLULAR', true),
      ...(number % 3 === 0
        ? [telephone(`${person.phone.slice(0, 8)}99`, 'HOME', 'LANDLINE', false)]
        : []),
    ],
    businessCustomer: number % 4 === 0 ? business(person) : undefined,
    customerStartDate: `${1998 + (number % 20)}-03-01`,
    lastActivityDate: '2024-12-31',
  }
}

function address(person: Person, type: string, primary: boolean): JsonObject {
  const { city } = person
  return {
    line1: person.street,
    line2: primary ? 'Apt 4' : 'PO Box 12',
    line3: primary ? null : 'Station B',
    city: city.name,
    state: city.region,
    region: city.region,
    postalCode: city.postalCode,
    country: city.country,
    type,
    primary,
  }
}

function telephone(number: string, type: string, network: string, primary: boolean): JsonObject {
  return { type, purpose: type, country: '1', number, network, primary }
}

function business(person: Person): JsonObject {
  return {
    name: `${person.last} Consulting`,
    registeredAgents: [{ first: person.first, last: person.last }],
    registeredId: `BN-${person.phone.slice(-6)}`,
    industryCode: { type: 'NAICS', code: '541611' },
    domicile: { region: person.city.region, country: person.city.country },
  }
}
