-- Everybody reads what they see, and writes nothing: PostgreSQL 15 documentation, table 9.70.
create macro pgshim._reads(_privilege) as list_has_any(['select'], list_transform(string_split(lower(_privilege), ','), lambda _one: trim(_one)));
create macro pgshim._grants(_privilege, _what) as list_has_any(_what, list_transform(string_split(lower(_privilege), ','), lambda _one: trim(_one)));
create macro pgshim.has_table_privilege(_relation, _privilege) as pgshim._reads(_privilege), (_role, _relation, _privilege) as pgshim._reads(_privilege);
create macro pgshim.has_any_column_privilege(_relation, _privilege) as pgshim._reads(_privilege), (_role, _relation, _privilege) as pgshim._reads(_privilege);
create macro pgshim.has_column_privilege(_relation, _column, _privilege) as pgshim._reads(_privilege), (_role, _relation, _column, _privilege) as pgshim._reads(_privilege);
create macro pgshim.has_schema_privilege(_schema, _privilege) as pgshim._grants(_privilege, ['usage']), (_role, _schema, _privilege) as pgshim._grants(_privilege, ['usage']);
create macro pgshim.has_database_privilege(_database, _privilege) as pgshim._grants(_privilege, ['connect']), (_role, _database, _privilege) as pgshim._grants(_privilege, ['connect']);
create macro pgshim.has_function_privilege(_function, _privilege) as true, (_role, _function, _privilege) as true;
create macro pgshim.has_type_privilege(_type, _privilege) as true, (_role, _type, _privilege) as true;
create macro pgshim.has_language_privilege(_language, _privilege) as false, (_role, _language, _privilege) as false;
create macro pgshim.has_sequence_privilege(_sequence, _privilege) as false, (_role, _sequence, _privilege) as false;
create macro pgshim.has_tablespace_privilege(_tablespace, _privilege) as false, (_role, _tablespace, _privilege) as false;
create macro pgshim.has_server_privilege(_server, _privilege) as false, (_role, _server, _privilege) as false;
create macro pgshim.has_foreign_data_wrapper_privilege(_wrapper, _privilege) as false, (_role, _wrapper, _privilege) as false;
create macro pgshim.has_parameter_privilege(_parameter, _privilege) as false, (_role, _parameter, _privilege) as false;
create macro pgshim.pg_has_role(_role, _privilege) as true, (_user, _role, _privilege) as true;
create macro pgshim.row_security_active(_relation) as false;
create macro pgshim.acldefault(_kind, _owner) as null::varchar[];
