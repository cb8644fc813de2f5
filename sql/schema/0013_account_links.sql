create table history.account_links (
  provider VARCHAR not null,
  connection_id VARCHAR not null,
  account_id VARCHAR not null,
  other_provider VARCHAR not null,
  other_connection_id VARCHAR not null,
  other_account_id VARCHAR not null,
  rule VARCHAR not null,
  score DECIMAL(4,3) not null
);
comment on table history.account_links is 'Accounts that are one account at the bank, seen through two connections: through FDX and through Flinks, by two people, or by one person who connected anew. Each pair is here once, the one that was seen first as the account; mart.account_links has it in both directions.';
comment on column history.account_links.provider is 'Provider of the connection that saw the account first.';
comment on column history.account_links.connection_id is 'That connection.';
comment on column history.account_links.account_id is 'The account, as that provider identifies it.';
comment on column history.account_links.other_provider is 'Provider of the other connection.';
comment on column history.account_links.other_connection_id is 'The other connection.';
comment on column history.account_links.other_account_id is 'The same account, as the other provider identifies it.';
comment on column history.account_links.rule is 'number (the full account number), same_id (one provider’s own id, one person), person_and_digits (one person, and the same kind, currency and last digits).';
comment on column history.account_links.score is 'How sure it is, 0 to 1.';
