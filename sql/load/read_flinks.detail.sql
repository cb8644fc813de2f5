-- Pages of Flinks account detail: a login and its accounts.
insert into page by name
select * exclude (body), body.Accounts as list, to_json(struct_pack(Login := body.Login, InstitutionName := body.InstitutionName, InstitutionId := body.InstitutionId, Institution := body.Institution, Tag := body.Tag, RequestId := body.RequestId)) as about
from landed;
