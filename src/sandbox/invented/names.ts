/** Invented people and places. Telephone numbers use 555-01xx, e-mail addresses example.com and example.org. */
export const firstNames = [
  'Amara',
  'Benoit',
  'Chloé',
  'Devon',
  'Elena',
  'Farid',
  'Grace',
  'Hugo',
  'Imani',
  'Jonas',
  'Keiko',
  'Liam',
  'Maëlle',
  'Noah',
  'Oksana',
  'Priya',
  'Quentin',
  'Rosa',
  'Samuel',
  'Tala',
  'Uma',
  'Victor',
  'Wren',
  'Xavier',
  'Yusuf',
  'Zoe',
  'Anders',
  'Beatriz',
  'Cedric',
  'Dalia',
] as const

export const lastNames = [
  'Abara',
  'Bouchard',
  'Chen',
  'Delacroix',
  'Eriksen',
  'Fontaine',
  'Gagnon',
  'Haddad',
  'Ivanova',
  'Jensen',
  'Kowalski',
  'Lavoie',
  'MacLeod',
  'Nguyen',
  "O'Reilly",
  'Patel',
  'Quispe',
  'Roy',
  'Singh',
  'Tremblay',
  'Ueda',
  'Vargas',
  'Whitfield',
  'Xu',
  'Young',
  'Zielinski',
  'Côté',
  'St-Pierre',
] as const

export const streets = [
  'Maple Street',
  'Rue des Érables',
  'King Street West',
  'Birch Avenue',
  'Boulevard Laurier',
  'Harbour Road',
  'Elm Crescent',
  'Prairie Lane',
  'Chemin du Lac',
  'Mill Road',
] as const

export interface City {
  readonly name: string
  readonly region: string
  readonly country: 'CA' | 'US'
  readonly postalCode: string
}

export const cities: Record<'CA' | 'US', readonly City[]> = {
  CA: [
    { name: 'Montréal', region: 'QC', country: 'CA', postalCode: 'H2X 1Y4' },
    { name: 'Toronto', region: 'ON', country: 'CA', postalCode: 'M5V 2T6' },
    { name: 'Halifax', region: 'NS', country: 'CA', postalCode: 'B3H 4R2' },
    { name: 'Calgary', region: 'AB', country: 'CA', postalCode: 'T2P 1J9' },
    { name: 'Vancouver', region: 'BC', country: 'CA', postalCode: 'V6B 1A1' },
  ],
  US: [
    { name: 'Burlington', region: 'VT', country: 'US', postalCode: '05401' },
    { name: 'Madison', region: 'WI', country: 'US', postalCode: '53703' },
    { name: 'Portland', region: 'OR', country: 'US', postalCode: '97205' },
    { name: 'Raleigh', region: 'NC', country: 'US', postalCode: '27601' },
  ],
}

export const employers = [
  'Northwind Robotics',
  'Maple Leaf Logistics',
  'Blue Heron Studios',
  'City School Board',
  'Lakeside Hospital',
  'Aurora Software',
  'Prairie Grain Co-op',
  'Old Port Shipping',
] as const

export interface Shop {
  readonly name: string
  /** Merchant category code (ISO 18245), which FDX prefers in `category`. */
  readonly category: string
  readonly subCategory: string
  /** Usual purchase, whole dollars. */
  readonly low: number
  readonly high: number
}

export const groceries: readonly Shop[] = [
  { name: 'GREEN BASKET GROCERY', category: '5411', subCategory: 'Groceries', low: 25, high: 180 },
  { name: 'MARCHÉ DU COIN', category: '5411', subCategory: 'Groceries', low: 8, high: 60 },
  { name: 'WAREHOUSE FOODS #114', category: '5411', subCategory: 'Groceries', low: 60, high: 260 },
]

export const shops: readonly Shop[] = [
  {
    name: 'CORNER COFFEE ROASTERS',
    category: '5814',
    subCategory: 'Restaurants',
    low: 3,
    high: 18,
  },
  { name: 'NOODLE HOUSE', category: '5812', subCategory: 'Restaurants', low: 14, high: 70 },
  { name: 'CITY TRANSIT FARE', category: '4111', subCategory: 'Transport', low: 3, high: 12 },
  { name: 'RIVERSIDE FUEL 22', category: '5541', subCategory: 'Fuel', low: 35, high: 95 },
  { name: 'PAPER & PAGE BOOKS', category: '5942', subCategory: 'Books', low: 12, high: 65 },
  { name: 'NORTHERN PHARMACY', category: '5912', subCategory: 'Health', low: 6, high: 80 },
  { name: 'HARDWARE BARN', category: '5251', subCategory: 'Home', low: 10, high: 220 },
  { name: 'TRAIL & TENT OUTFITTERS', category: '5941', subCategory: 'Sports', low: 25, high: 300 },
]

export const subscriptions: readonly Shop[] = [
  { name: 'STREAMBOX VIDEO', category: '4899', subCategory: 'Subscriptions', low: 16, high: 16 },
  { name: 'TUNEFUL MUSIC', category: '5815', subCategory: 'Subscriptions', low: 10, high: 10 },
  { name: 'CLOUD LOCKER 200GB', category: '4816', subCategory: 'Subscriptions', low: 3, high: 3 },
]
