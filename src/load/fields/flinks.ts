import { type Field, field, inside, type Table } from './field.ts'

/** An account, as its detail and its summary tell it. */
const account: readonly Field[] = [
  field('LoginId', 'id', 'Login the account belongs to.'),
  field('InstitutionName', 'text', 'Name of the institution.', { pii: 'none' }),
  field('Title', 'text', 'What the institution calls the account.'),
  field('AccountNumber', 'text', 'Account number.', { pii: 'direct' }),
  field('LastFourDigits', 'text', 'Last four digits of the number.'),
  field('TransitNumber', 'text', 'Transit number; leading zeros matter.', { pii: 'none' }),
  field('InstitutionNumber', 'text', 'Institution number; leading zeros matter.', {
    pii: 'none',
  }),
  field('OverdraftLimit', 'money', 'Overdraft limit.'),
  field('Balance.Available', 'money', 'Balance that can be used: posted and authorised items.'),
  field(
    'Balance.Current',
    'money',
    'Balance of posted items; the sign on cards and loans is not documented.',
  ),
  field('Balance.Limit', 'money', 'Credit limit.'),
  field('Category', 'text', 'Operations, Credits, Products or Other.', { pii: 'none' }),
  field('Type', 'text', 'Type, derived by Flinks from the title.', { pii: 'none' }),
  field('Currency', 'text', 'ISO 4217 code.', { pii: 'none' }),
  field('AccountType', 'text', 'Personal or Business.', { pii: 'none' }),
  field('EftEligibleRatio', 'rate', 'Chance that the account takes EFT, 0 to 1.', {
    pii: 'none',
  }),
  field('ETransferEligibleRatio', 'rate', 'Chance that the account takes e-Transfer, 0 to 1.', {
    column: 'e_transfer_eligible_ratio',
    pii: 'none',
  }),
]

/** The native Flinks payload (facts: Flinks native, response shape). */
export const flinksTables: Table[] = [
  {
    schema: 'flinks',
    name: 'logins',
    comment: 'Logins of people at their institutions.',
    key: ['login_id'],
    elsewhere: ['Accounts', 'HttpStatusCode', 'Links', 'ResponseType'],
    children: [],
    fields: [
      field('InstitutionName', 'text', 'Name of the institution.', { pii: 'none' }),
      field('InstitutionId', 'id', 'Institution, as Flinks identifies it.', { pii: 'none' }),
      field('Institution', 'text', 'Institution, in one word.', { pii: 'none' }),
      field('Login.Type', 'text', 'Personal or Business.', { column: 'login_type', pii: 'none' }),
      field('Login.Username', 'text', 'Name the person logs in with.', {
        column: 'username',
        pii: 'direct',
      }),
      field('Login.IsScheduledRefresh', 'boolean', 'Flinks refreshes the login by itself.', {
        column: 'is_scheduled_refresh',
        pii: 'none',
      }),
      field('Login.LastRefresh', 'instant', 'When Flinks last read the institution.', {
        column: 'last_refresh',
        pii: 'none',
      }),
      field('Tag', 'text', 'What the recipient called the login.', { pii: 'none' }),
      field('RequestId', 'id', 'Request that was answered.', { pii: 'none' }),
    ],
  },
  {
    schema: 'flinks',
    name: 'accounts',
    comment: 'Accounts as Flinks reads them.',
    key: ['account_id'],
    elsewhere: ['Id', 'Transactions'],
    children: [{ name: 'Holder', table: 'holders', bare: 'Name' }],
    fields: account,
  },
  {
    schema: 'flinks',
    name: 'holders',
    comment: 'Holders of accounts.',
    key: ['account_id', 'ordinal'],
    elsewhere: [],
    children: [],
    fields: [
      field('Name', 'text', 'Name of the person or business.', { pii: 'direct' }),
      ...inside('Address', 'address', [
        field('CivicAddress', 'text', 'Street and number.', { pii: 'direct' }),
        field('City', 'text', 'City.', { pii: 'direct' }),
        field('Province', 'text', 'Province.', { pii: 'direct' }),
        field('PostalCode', 'text', 'Postal code.', { pii: 'direct' }),
        field('POBox', 'text', 'Post box.', { column: 'po_box', pii: 'direct' }),
        field('Country', 'text', 'Country.', { pii: 'direct' }),
      ]),
      field('Email', 'text', 'E-mail address.', { pii: 'direct' }),
      field('PhoneNumber', 'text', 'Telephone number.', { pii: 'direct' }),
    ],
  },
  {
    schema: 'flinks',
    name: 'transactions',
    comment: 'Posted transactions as Flinks reads them.',
    key: ['account_id', 'transaction_id', 'ordinal'],
    elsewhere: ['Id'],
    children: [],
    fields: [
      field('Date', 'date', 'Day of the transaction, in the bank’s calendar.'),
      field('Code', 'text', 'Old field: code of the transaction.', { pii: 'none' }),
      field('Description', 'text', 'Description by the institution.'),
      field('Debit', 'money', 'Money that left the account.'),
      field('Credit', 'money', 'Money that came in.'),
      field('Balance', 'money', 'Balance after the transaction.'),
    ],
  },
  {
    schema: 'flinks',
    name: 'account_summaries',
    comment: 'Accounts as the summary tells them: what can be had without their transactions.',
    family: 'summary',
    key: ['account_id'],
    elsewhere: ['Id', 'Transactions'],
    children: [],
    fields: [...account, field('Holder', 'json', 'Holder, as sent.', { pii: 'direct' })],
  },
  {
    schema: 'flinks',
    name: 'statements',
    comment: 'Statements as Flinks gives them: size and hash of the file, not its bytes.',
    family: 'statement',
    key: ['statement_id'],
    elsewhere: ['UniqueId'],
    children: [],
    fields: [
      field('LoginId', 'id', 'Login the statement belongs to.', { column: 'of_login_id' }),
      field('AccountNumber', 'text', 'Number of its account: Flinks gives no account id here.', {
        pii: 'direct',
      }),
      field('FileType', 'text', 'Kind of file.', { pii: 'none' }),
      field('Size', 'integer', 'Bytes of the file.', { pii: 'none' }),
      field('Sha256', 'text', 'SHA-256 of the file, in hex.', { column: 'sha256', pii: 'none' }),
    ],
  },
]
