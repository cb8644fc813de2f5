create table history.balance_readings (
  provider VARCHAR not null,
  connection_id VARCHAR not null,
  account_id VARCHAR not null,
  day DATE not null,
  fetched_at TIMESTAMPTZ not null,
  kind VARCHAR not null,
  balance DECIMAL(38,9) not null,
  net_worth_balance DECIMAL(38,9) not null,
  currency VARCHAR,
  run_id VARCHAR not null,
  pull_id VARCHAR not null,
  page_id VARCHAR not null
);
comment on table history.balance_readings is 'Every main balance that a page has stated: what was known when. history.balances has the newest of each day.';
comment on column history.balance_readings.provider is 'Provider the connection is with.';
comment on column history.balance_readings.connection_id is 'Connection the record came through.';
comment on column history.balance_readings.account_id is 'Account, as the provider identifies it.';
comment on column history.balance_readings.day is 'Day the balance was true: by the provider, or the day it was fetched.';
comment on column history.balance_readings.fetched_at is 'When it was fetched: known from then on.';
comment on column history.balance_readings.kind is 'deposit, loan, loc (cards and lines of credit), investment, annuity, insurance, commercial, digital_wallet or other.';
comment on column history.balance_readings.balance is 'As the provider states it. [pii: account]';
comment on column history.balance_readings.net_worth_balance is 'As the customer’s net worth sees it: what is owed is negative. [pii: account]';
comment on column history.balance_readings.currency is 'ISO 4217 code of the balance.';
comment on column history.balance_readings.run_id is 'Run that fetched it.';
comment on column history.balance_readings.pull_id is 'Reading that the page belongs to.';
comment on column history.balance_readings.page_id is 'Page that stated it.';

create table history.account_versions (
  provider VARCHAR not null,
  connection_id VARCHAR not null,
  account_id VARCHAR not null,
  known_from TIMESTAMPTZ not null,
  page_id VARCHAR not null,
  kind VARCHAR,
  account_type VARCHAR,
  product_name VARCHAR,
  nickname VARCHAR,
  description VARCHAR,
  status VARCHAR,
  currency VARCHAR,
  account_number_display VARCHAR,
  routing_transit_number VARCHAR,
  interest_rate VARCHAR,
  credit_limit VARCHAR,
  overdraft_limit VARCHAR,
  maturity_date VARCHAR,
  balance_type VARCHAR,
  line_of_business VARCHAR
);
comment on table history.account_versions is 'What an account was called and allowed, a row for each time that something of it changed; values as they were sent. mart.account_changes tells what changed.';
comment on column history.account_versions.provider is 'Provider the connection is with.';
comment on column history.account_versions.connection_id is 'Connection the record came through.';
comment on column history.account_versions.account_id is 'Account, as the provider identifies it.';
comment on column history.account_versions.known_from is 'When a page first said so.';
comment on column history.account_versions.page_id is 'That page.';
comment on column history.account_versions.kind is 'deposit, loan, loc (cards and lines of credit), investment, annuity, insurance, commercial, digital_wallet or other.';
comment on column history.account_versions.account_type is 'Type of account.';
comment on column history.account_versions.product_name is 'Name of the product; Flinks: the title.';
comment on column history.account_versions.nickname is 'Name the customer gave the account. [pii: direct]';
comment on column history.account_versions.description is 'Description of the account. [pii: account]';
comment on column history.account_versions.status is 'Status of the account.';
comment on column history.account_versions.currency is 'ISO 4217 code of the amounts.';
comment on column history.account_versions.account_number_display is 'Account number as shown to the customer. [pii: direct]';
comment on column history.account_versions.routing_transit_number is 'Routing or transit number.';
comment on column history.account_versions.interest_rate is 'Interest rate. [pii: account]';
comment on column history.account_versions.credit_limit is 'Credit limit. [pii: account]';
comment on column history.account_versions.overdraft_limit is 'Overdraft limit (Flinks). [pii: account]';
comment on column history.account_versions.maturity_date is 'Day it matures. [pii: account]';
comment on column history.account_versions.balance_type is 'ASSET or LIABILITY.';
comment on column history.account_versions.line_of_business is 'Line of business; Flinks: the category.';

create table history.transaction_versions (
  provider VARCHAR not null,
  connection_id VARCHAR not null,
  account_id VARCHAR not null,
  transaction_id VARCHAR not null,
  known_from TIMESTAMPTZ not null,
  known_to TIMESTAMPTZ not null,
  status VARCHAR,
  posted_at TIMESTAMPTZ,
  transacted_at TIMESTAMPTZ,
  day DATE,
  amount DECIMAL(38,9),
  debit_credit_memo VARCHAR,
  description VARCHAR,
  page_id VARCHAR not null
);
comment on table history.transaction_versions is 'What a transaction said before a newer reading of its id said otherwise. What it says now is in its own table; history.transactions has both.';
comment on column history.transaction_versions.provider is 'Provider the connection is with.';
comment on column history.transaction_versions.connection_id is 'Connection the record came through.';
comment on column history.transaction_versions.account_id is 'Account, as the provider identifies it.';
comment on column history.transaction_versions.transaction_id is 'Transaction, as the provider identifies it; a fingerprint of its content where it sent no id.';
comment on column history.transaction_versions.known_from is 'When a reading first said so.';
comment on column history.transaction_versions.known_to is 'When the first reading said otherwise.';
comment on column history.transaction_versions.status is 'PENDING, POSTED, AUTHORIZATION or MEMO, as sent.';
comment on column history.transaction_versions.posted_at is 'When it was posted. [pii: account]';
comment on column history.transaction_versions.transacted_at is 'When it happened. [pii: account]';
comment on column history.transaction_versions.day is 'Day it was posted, else happened. [pii: account]';
comment on column history.transaction_versions.amount is 'Amount as sent; Flinks: credit minus debit. [pii: account]';
comment on column history.transaction_versions.debit_credit_memo is 'DEBIT, CREDIT or MEMO, as sent.';
comment on column history.transaction_versions.description is 'Description by the provider. [pii: account]';
comment on column history.transaction_versions.page_id is 'Last page that said so.';
