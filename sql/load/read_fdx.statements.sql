-- Pages of the statements of one account.
insert into arrived by name
select * exclude (body), body.statements as list
from landed;
