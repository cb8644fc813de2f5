-- The credit that is left is not more than the limit, but for what was overpaid.
select provider, connection_id, account_id from mart.accounts where account_kind = 'loc' and available > credit_limit + greatest(-balance, 0);
