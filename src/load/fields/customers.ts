import { contactLists, nested } from './children.ts'
import { type Field, field, inside, type Table } from './field.ts'
import { customerTypes } from './words.ts'

/** What is said of a person or business, as a customer or as a holder of an account. */
const person: readonly Field[] = [
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
  field('businessCustomer.name', 'text', 'Name of the business.', {
    pii: 'direct',
    schema: nested,
  }),
  field('businessCustomer.registeredId', 'text', 'Number in the register of companies.', {
    pii: 'direct',
    schema: nested,
  }),
  field('businessCustomer.industryCode.type', 'text', 'List the industry code is of.', {
    pii: 'none',
    schema: nested,
  }),
  field('businessCustomer.industryCode.code', 'text', 'Code of the industry.', { schema: nested }),
  field('businessCustomer.domicile.region', 'text', 'Region whose law governs it.', {
    pii: 'none',
    schema: nested,
  }),
  field('businessCustomer.domicile.country', 'text', 'Country whose law governs it.', {
    pii: 'none',
    schema: nested,
  }),
  field('emails', 'json', 'E-mail addresses, as sent.', { was: ['email'], pii: 'direct' }),
  field('addresses', 'json', 'Addresses, as sent; the region was called state until 5.x.', {
    pii: 'direct',
  }),
  field('telephones', 'json', 'Telephones, as sent.', { pii: 'direct' }),
  field('customerStartDate', 'date', 'Day the customer came.', { since: '6.0' }),
  field('lastActivityDate', 'date', 'Day of the last activity.', { since: '6.0' }),
]

/** People and businesses, and which accounts are theirs. */
export const customerTables: Table[] = [
  {
    schema: 'fdx',
    name: 'customers',
    comment: 'Customers behind a connection.',
    key: ['customer_id'],
    elsewhere: ['customerId'],
    children: [{ name: 'accounts', table: 'customer_accounts' }, ...contactLists('customer')],
    fields: person,
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
  {
    schema: 'fdx',
    name: 'account_contacts',
    comment: 'How the holders of an account are reached; asked for account by account.',
    family: 'contact',
    key: ['account_id'],
    elsewhere: ['accountId'],
    children: [{ name: 'holders', table: 'account_holders' }, ...contactLists('contact')],
    fields: [
      field('emails', 'json', 'E-mail addresses, as sent.', { was: ['email'], pii: 'direct' }),
      field('addresses', 'json', 'Addresses, as sent; the region was called state until 5.x.', {
        pii: 'direct',
      }),
      field('telephones', 'json', 'Telephones, as sent.', { pii: 'direct' }),
      field('links', 'json', 'Links as sent.', { pii: 'none' }),
    ],
  },
  {
    schema: 'fdx',
    name: 'account_holders',
    comment: 'Holders of accounts, from the accounts’ contact data.',
    key: ['account_id', 'ordinal'],
    elsewhere: [],
    children: contactLists('holder'),
    fields: [
      field('customerId', 'id', 'Customer, as the provider identifies it.', {
        column: 'holder_customer_id',
      }),
      field('relationship', 'text', 'What the holder is to the account.', { pii: 'none' }),
      ...person,
      field('accounts', 'json', 'Accounts of the holder, as sent.'),
      field('links', 'json', 'Links as sent.', { pii: 'none' }),
    ],
  },
  {
    schema: 'fdx',
    name: 'payment_networks',
    comment: 'Numbers by which money reaches an account, real or tokenised.',
    family: 'network',
    key: ['account_id', 'network_id'],
    elsewhere: [],
    children: [],
    fields: [
      field('bankId', 'text', 'Bank, as the network identifies it; leading zeros matter.', {
        pii: 'none',
      }),
      field('identifier', 'text', 'Account number in the network.', { pii: 'direct' }),
      field('identifierType', 'text', 'Whether the number is the real one.', {
        values: ['ACCOUNT_NUMBER', 'TOKENIZED_ACCOUNT_NUMBER'],
        pii: 'none',
      }),
      field('type', 'text', 'Payment network.', {
        values: ['CA_ACSS', 'CA_LVTS', 'US_ACH', 'US_CHIPS', 'US_FEDNOW', 'US_FEDWIRE', 'US_RTP'],
        pii: 'none',
      }),
      field('transferIn', 'boolean', 'Money can come in.', { pii: 'none' }),
      field('transferOut', 'boolean', 'Money can go out.', { pii: 'none' }),
      field('supportsRequestForPayment', 'boolean', 'Payment can be asked for.', {
        since: '6.0',
        pii: 'none',
      }),
      field('transferLimits', 'json', 'Limits of transfers, as sent.', { since: '6.0' }),
    ],
  },
  {
    schema: 'fdx',
    name: 'statements',
    comment: 'Statements that the provider keeps; not their files.',
    family: 'statement',
    key: ['account_id', 'statement_id'],
    elsewhere: ['accountId', 'statementId'],
    children: [],
    fields: [
      field('statementDate', 'date', 'Day of the statement.', { pii: 'none' }),
      field('description', 'text', 'Description by the provider.'),
      field('status', 'text', 'Whether its file can be had.', { pii: 'none' }),
      field('links', 'json', 'Links as sent.', { pii: 'none' }),
    ],
  },
]
