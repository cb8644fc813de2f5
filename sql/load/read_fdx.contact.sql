-- Pages that are one record: the contact data of one account.
insert into page by name
select * exclude (body), case when json_type(body) = 'OBJECT' then if(len(json_keys(body)) > 0, [body], []) end as list
from landed;
