-- Accounts whose movements do not lead from one stated balance to the next.
select * from mart.breaks limit 200
