-- Pages of customers.
insert into arrived by name
select * exclude (body), body.customers as list
from landed;
