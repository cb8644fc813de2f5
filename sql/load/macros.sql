-- How a raw value (VARCHAR, as json_transform gives it) is read. NULL: absent, or not such a value; the
-- tables' own files tell the two apart. Nothing here ever rounds (facts: quirks seen in real payloads).

create or replace temp macro as_text(v) as v;
create or replace temp macro as_id(v) as nullif(v, '');
create or replace temp macro as_json(v) as nullif(v, 'null')::json;

-- JSON pointer to a member, whatever its name holds.
create or replace temp macro pointer(name) as '/' || replace(replace(name, '~', '~0'), '/', '~1');

-- Digits behind the point that a number's text needs, its exponent counted in.
create or replace temp macro scale_of(v) as
  length(rtrim(regexp_extract(v, '\.(\d*)', 1), '0'))
  - coalesce(try_cast(nullif(regexp_extract(v, '[eE]([+-]?\d{1,4})$', 1), '') as integer), 0);
create or replace temp macro is_number(v) as regexp_full_match(v, '\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?\s*');

-- Plain short numbers go through DECIMAL(18,9), whose cast is sixty times as fast.
create or replace temp macro is_plain(v, digits) as
  length(v) <= 19 and length(split_part(v, '.', 2)) <= digits and not contains(v, 'e') and not contains(v, 'E') and not contains(v, '_');
create or replace temp macro as_money(v) as
  case
    when is_plain(v, 9) then coalesce(try_cast(v as decimal(18, 9))::decimal(38, 9), try_cast(v as decimal(38, 9)))
    when is_number(v) and scale_of(trim(v)) <= 9 then try_cast(v as decimal(38, 9))
  end;
create or replace temp macro as_exact(v) as
  case
    when is_plain(v, 9) then coalesce(try_cast(v as decimal(18, 9))::decimal(38, 18), try_cast(v as decimal(38, 18)))
    when is_number(v) and scale_of(trim(v)) <= 18 then try_cast(v as decimal(38, 18))
  end;
create or replace temp macro as_rate(v) as as_exact(v);
create or replace temp macro as_quantity(v) as as_exact(v);

create or replace temp macro as_integer(v) as
  case
    when regexp_full_match(v, '-?\d{1,18}') then try_cast(v as bigint)
    when is_number(v) and scale_of(trim(v)) <= 0 then try_cast(try_cast(v as decimal(38, 9)) as bigint)
  end;

create or replace temp macro as_boolean(v) as
  case lower(trim(v)) when 'true' then true when 'false' then false end;

-- A day written as a date, or as an instant: then the day that is written, in no other time zone.
create or replace temp macro as_date(v) as
  case when regexp_matches(v, '^\d{4}-\d{2}-\d{2}($|[T ])') then try_cast(left(v, 10) as date) end;

-- Any fraction, `Z`, `+02:00`, `-0500` or no zone (UTC), seconds missing, or a day alone (midnight UTC). No zone by its
-- name: DuckDB 1.5 reads the rows after one in that zone too.
create or replace temp macro as_instant(v) as
  case
    when regexp_full_match(v, '\d{4}-\d{2}-\d{2}([T ][0-9:.,]*\s*(Z|z|[+-][0-9:]+)?)?') then coalesce(
      try_cast(v as timestamptz),
      try_cast(regexp_replace(v, '^(.{10}[T ]\d{2}:\d{2})(Z|[+-]\d{2}:?\d{2})?$', '\1:00\2') as timestamptz))
  end;

-- A list of records; one record that stands where its list should is a list of one.
create or replace temp macro as_list(v) as
  case json_type(v) when 'ARRAY' then from_json(v, '["JSON"]') when 'OBJECT' then [v::json] end;

-- `{name: value}` of a list of {name, value}.
create or replace temp macro as_object(entries) as
  ('{' || array_to_string(list_transform(entries, e -> to_json(e.name)::varchar || ':' || e.value), ',') || '}')::json;

-- Whether a reject of this reason is a whole record, or a page of them.
create or replace temp macro is_lost_record(reason) as reason in ('ITEM_INVALID', 'ID_MISSING') or starts_with(reason, 'PAGE_');

-- The members of an object that are not among the known names; their names get the prefix.
create or replace temp macro unknown_members(object, known, prefix) as
  list_transform(
    list_filter(json_keys(object), k -> not list_contains(known, k)),
    k -> {'name': prefix || k, 'value': json_extract(object, pointer(k))::varchar});

-- The balance that says what an account is worth, or what is owed on it.
create or replace temp macro main_balance(table_name, j) as
  case table_name
    when 'fdx.deposit_accounts' then coalesce(j.currentBalance, j.availableBalance)
    when 'fdx.digital_wallets' then coalesce(j.currentBalance, j.availableBalance)
    when 'fdx.loan_accounts' then j.principalBalance
    when 'fdx.loc_accounts' then coalesce(j.currentBalance, j.principalBalance)
    when 'fdx.investment_accounts' then j.currentValue
    when 'fdx.annuity_accounts' then coalesce(j.surrenderValue, j.netPresentValue)
    when 'fdx.commercial_accounts' then coalesce(j.currentLedgerBalance, j.closingLedgerBalance)
    when 'fdx.other_accounts' then coalesce(j.currentBalance, j.currentValue, j.principalBalance)
  end;

-- Comparing two descriptions of what may be one event: a bank shortens, numbers and decorates them as it likes.
create or replace temp macro bare_words(v) as
  trim(regexp_replace(regexp_replace(
    regexp_replace(upper(coalesce(v, '')), '\b(PENDING|PREAUTH(ORIZED|ORIZATION)?|AUTHORI[SZ]ATION|AUTH|HOLD|HELD|POS|PURCHASE|DEBIT|CREDIT|CARD|VISA|MASTERCARD|INTERAC|SQ|TST|PAYPAL|WWW|COM|INC|LTD|THE)\b', ' ', 'g'),
    '[^\p{L}]+', ' ', 'g'), '\s+', ' ', 'g'));
-- 0 (nothing in common) to 1; a text that says nothing of its own is halfway.
create or replace temp macro alike(a, b) as
  case
    when a = '' or b = '' then 0.5
    when a = b then 1.0
    when starts_with(a, b) or starts_with(b, a) then 0.95
    else greatest(
      0.9 * len(list_intersect(string_split(a, ' '), string_split(b, ' '))) / least(len(list_distinct(string_split(a, ' '))), len(list_distinct(string_split(b, ' ')))),
      greatest(0, jaro_winkler_similarity(a, b) - 0.7) / 0.3)
  end;
-- Amounts that pumps and the like hold before anyone knows the price.
create or replace temp macro is_hold(amount) as amount in (1, 50, 75, 100, 125, 150, 175, 200);
create or replace temp macro is_fuel(description, category) as
  category in ('5541', '5542') or regexp_matches(upper(coalesce(description, '')), '\b(GAS|FUEL|PETRO\w*|ESSO|SHELL|ULTRAMAR|CHEVRON|EXXON|MOBIL|SUNOCO|PUMP|GASOLINE)\b') or coalesce(category, '') ilike '%fuel%' or coalesce(category, '') ilike '%gas station%';
