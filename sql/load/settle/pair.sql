-- Pairs whose rows prefer each other, among those that are not linked yet.
insert into link
with open as (
  select c.*,
    row_number() over (partition by c.provider, c.connection_id, c.account_id, c.p_id, c.p_ordinal order by c.score desc, c.q_id, c.q_ordinal) as place_of_q,
    row_number() over (partition by c.provider, c.connection_id, c.account_id, c.q_id, c.q_ordinal order by c.score desc, c.p_id, c.p_ordinal) as place_of_p
  from candidate as c
  anti join link as l on l.provider = c.provider and l.connection_id = c.connection_id and l.account_id = c.account_id and l.p_id = c.p_id and l.p_ordinal = c.p_ordinal
  anti join link as m on m.provider = c.provider and m.connection_id = c.connection_id and m.account_id = c.account_id and m.q_id = c.q_id and m.q_ordinal = c.q_ordinal
)
select * exclude (place_of_q, place_of_p) from open where place_of_q = 1 and place_of_p = 1;
