/** SQLSTATEs of PostgreSQL that this server sends (PostgreSQL 15, appendix A). */
export type SqlState =
  | '08P01' // protocol_violation
  | '0A000' // feature_not_supported
  | '22001' // string_data_right_truncation
  | '22003' // numeric_value_out_of_range
  | '22007' // invalid_datetime_format
  | '22008' // datetime_field_overflow
  | '22012' // division_by_zero
  | '22021' // character_not_in_repertoire
  | '22023' // invalid_parameter_value
  | '22P02' // invalid_text_representation
  | '22P03' // invalid_binary_representation
  | '24000' // invalid_cursor_state
  | '25001' // active_sql_transaction
  | '25006' // read_only_sql_transaction
  | '25P01' // no_active_sql_transaction
  | '25P02' // in_failed_sql_transaction
  | '26000' // invalid_sql_statement_name
  | '28000' // invalid_authorization_specification
  | '28P01' // invalid_password
  | '34000' // invalid_cursor_name
  | '3B001' // invalid_savepoint_specification
  | '3D000' // invalid_catalog_name
  | '3F000' // invalid_schema_name
  | '42501' // insufficient_privilege
  | '42601' // syntax_error
  | '42602' // invalid_name
  | '42702' // ambiguous_column
  | '42703' // undefined_column
  | '42704' // undefined_object
  | '42725' // ambiguous_function
  | '42803' // grouping_error
  | '42804' // datatype_mismatch
  | '42883' // undefined_function
  | '42P01' // undefined_table
  | '42P02' // undefined_parameter
  | '42P03' // duplicate_cursor
  | '42P05' // duplicate_prepared_statement
  | '42P18' // indeterminate_datatype
  | '53100' // disk_full
  | '53200' // out_of_memory
  | '53300' // too_many_connections
  | '53400' // configuration_limit_exceeded
  | '54000' // program_limit_exceeded
  | '54001' // statement_too_complex
  | '55000' // object_not_in_prerequisite_state
  | '57014' // query_canceled
  | '57P01' // admin_shutdown
  | '57P03' // cannot_connect_now
  | '58000' // system_error
  | 'XX000' // internal_error

export interface PgErrorDetails {
  readonly severity?: 'ERROR' | 'FATAL'
  readonly detail?: string
  readonly hint?: string
  /** Character of the statement it is about, from 1. */
  readonly position?: number
}

/** What a client gets as ErrorResponse. `message` and `hint` speak of the client's own statement only. */
export class PgError extends Error {
  override readonly name = 'PgError'
  readonly state: SqlState
  readonly severity: 'ERROR' | 'FATAL'
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly position: number | undefined

  constructor(state: SqlState, message: string, details: PgErrorDetails = {}) {
    super(message)
    this.state = state
    this.severity = details.severity ?? 'ERROR'
    this.detail = details.detail
    this.hint = details.hint
    this.position = details.position
  }
}

/** Ends the session after it is sent. */
export const fatal = (state: SqlState, message: string, details: PgErrorDetails = {}) =>
  new PgError(state, message, { ...details, severity: 'FATAL' })

export const protocolViolation = (message: string) => fatal('08P01', message)
