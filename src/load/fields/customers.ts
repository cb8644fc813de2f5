import { field, inside, type Table } from './field.ts'
import { customerTypes } from './words.ts'

/** People and businesses, and which accounts are theirs. */
export const customerTables: Table[] = [
  {
    schema: 'fdx',
    name: 'customers',
    comment: 'Customers behind a connection.',
    key: ['customer_id'],
    elsewhere: ['customerId'],
    children: [{ name: 'accounts', table: 'customer_accounts' }],
    fields: [
      field('type', 'text', 'BUSINESS or CONSUMER.', { values: customerTypes, pii: 'none' }),
      ...inside('name', 'name', [
        field('first', 'text', 'First name.', { pii: 'direct' }),
        field('middle', 'text', 'Middle name.', { pii: 'direct' }),
        field('last', 'text', 'Last name.', { pii: 'direct' }),
        field('suffix', 'text', 'Suffix.', { pii: 'direct' }),
        field('prefix', 'text', 'Prefix.', { pii: 'direct' }),
        field('company', 'text', 'Company.', { pii: 'direct' }),
      ]),
      field('dateOfBirth', 'date', 'Day of birth.', { pii: 'direct' }),
      field('taxId', 'text', 'Tax number.', { pii: 'direct' }),
      field('taxIdCountry', 'text', 'Country of the tax number.', { pii: 'none' }),
      field('governmentId', 'text', 'Number of an official document.', { pii: 'direct' }),
      field('businessCustomer', 'json', 'The business, as sent.', { pii: 'direct' }),
      field('emails', 'json', 'E-mail addresses, as sent.', { was: ['email'], pii: 'direct' }),
      field('addresses', 'json', 'Addresses, as sent; the region was called state until 5.x.', {
        pii: 'direct',
      }),
      field('telephones', 'json', 'Telephones, as sent.', { pii: 'direct' }),
      field('customerStartDate', 'date', 'Day the customer came.', { since: '6.0' }),
      field('lastActivityDate', 'date', 'Day of the last activity.', { since: '6.0' }),
    ],
  },
  {
    schema: 'fdx',
    name: 'customer_accounts',
    comment: 'Which accounts are a customer’s, and what the customer is to them.',
    key: ['customer_id', 'ordinal'],
    elsewhere: [],
    children: [],
    fields: [
      field('accountId', 'id', 'Account.'),
      field('relationship', 'text', 'What the customer is to the account.', { pii: 'none' }),
      field('links', 'json', 'Links as sent.', { pii: 'none' }),
    ],
  },
]
