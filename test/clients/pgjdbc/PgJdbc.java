import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Prints `row<TAB>check<TAB>outcome`, one line a check. */
public class PgJdbc {
  static String url, user, password;
  static String row = "";

  interface Check { Object run(Connection c) throws Exception; }

  static Connection connect(String... more) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    for (int i = 0; i + 1 < more.length; i += 2) properties.setProperty(more[i], more[i + 1]);
    return DriverManager.getConnection(url, properties);
  }

  static void check(String name, Check check, String... properties) {
    String outcome;
    try (Connection c = connect(properties)) {
      outcome = String.valueOf(check.run(c));
    } catch (SQLException e) {
      outcome = "ERROR " + e.getSQLState() + " " + e.getMessage();
    } catch (Exception e) {
      outcome = "ERROR " + e;
    }
    System.out.println(row + "\t" + name + "\t" + outcome.replace("\n", " ").replace("\t", " "));
  }

  /** Rows as text, without the columns named. */
  static String rows(ResultSet rs, String... without) throws SQLException {
    ResultSetMetaData m = rs.getMetaData();
    List<String> skip = Arrays.asList(without);
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder();
    for (int i = 1; i <= m.getColumnCount(); i++) head.append(m.getColumnLabel(i).toLowerCase()).append(' ');
    while (rs.next()) {
      StringBuilder line = new StringBuilder();
      for (int i = 1; i <= m.getColumnCount(); i++)
        if (!skip.contains(m.getColumnLabel(i).toUpperCase())) line.append(rs.getString(i)).append('|');
      lines.add(line.toString());
    }
    return head + "" + lines.size() + " rows " + String.join(" ; ", lines);
  }

  static String state(Connection c, String sql) {
    try (Statement s = c.createStatement()) {
      s.execute(sql);
      return "no error";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  static String one(Connection c, String sql, Object... values) throws SQLException {
    try (PreparedStatement p = c.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) p.setObject(i + 1, values[i]);
      try (ResultSet rs = p.executeQuery()) {
        rs.next();
        return rs.getString(1);
      }
    }
  }

  static void metadata() {
    row = "metadata";
    check("getCatalogs", c -> rows(c.getMetaData().getCatalogs()));
    check("getSchemas", c -> rows(c.getMetaData().getSchemas(null, "f%")));
    check("getTables", c -> rows(c.getMetaData().getTables(null, "fdx", "%\\_accounts", new String[] {"TABLE"}), "REMARKS"));
    check("getTables of the system", c -> rows(c.getMetaData().getTables(null, "pg_catalog", "pg_cl%", new String[] {"SYSTEM TABLE"}), "REMARKS"));
    check("getTableTypes", c -> rows(c.getMetaData().getTableTypes()));
    check("getColumns", c -> rows(c.getMetaData().getColumns(null, "fdx", "deposit\\_transactions", "%"), "REMARKS"));
    check("getColumns of a mart", c -> rows(c.getMetaData().getColumns(null, "mart", "accounts", null), "REMARKS"));
    check("getPrimaryKeys", c -> rows(c.getMetaData().getPrimaryKeys(null, "fdx", "deposit_transactions")));
    check("getImportedKeys", c -> rows(c.getMetaData().getImportedKeys(null, "fdx", "deposit_transactions"), "FK_NAME"));
    check("getExportedKeys", c -> rows(c.getMetaData().getExportedKeys(null, "fdx", "deposit_accounts"), "FK_NAME"));
    check("getCrossReference", c -> rows(c.getMetaData().getCrossReference(null, "fdx", "holdings", null, "fdx", "tax_lots"), "FK_NAME"));
    check("getIndexInfo", c -> rows(c.getMetaData().getIndexInfo(null, "fdx", "deposit_accounts", true, true), "PAGES", "CARDINALITY"));
    check("getTypeInfo", c -> {
      Set<String> names = new TreeSet<>();
      try (ResultSet rs = c.getMetaData().getTypeInfo()) {
        while (rs.next()) names.add(rs.getString("TYPE_NAME") + " " + rs.getInt("DATA_TYPE"));
      }
      List<String> wanted = List.of("bool -7", "int4 4", "int8 -5", "numeric 2", "text 12", "timestamptz 93", "date 91", "_int4 2003", "bytea -2");
      return names.containsAll(wanted) ? "ok" : "missing " + wanted.stream().filter(w -> !names.contains(w)).toList();
    });
    check("getTablePrivileges", c -> { rows(c.getMetaData().getTablePrivileges(null, "mart", "accounts")); return "ok"; });
    check("getColumnPrivileges", c -> { rows(c.getMetaData().getColumnPrivileges(null, "mart", "accounts", "%")); return "ok"; });
    check("getFunctions", c -> { rows(c.getMetaData().getFunctions(null, "mart", "%")); return "ok"; });
    check("getFunctionColumns", c -> { rows(c.getMetaData().getFunctionColumns(null, "pg_catalog", "int4in", "%")); return "ok"; });
    check("getProcedures", c -> rows(c.getMetaData().getProcedures(null, "fdx", "%")));
    check("getProcedureColumns", c -> rows(c.getMetaData().getProcedureColumns(null, "fdx", "%", "%")));
    check("getUDTs", c -> rows(c.getMetaData().getUDTs(null, "fdx", "%", null)));
    check("getBestRowIdentifier", c -> rows(c.getMetaData().getBestRowIdentifier(null, "fdx", "deposit_accounts", DatabaseMetaData.bestRowSession, false)));
    check("getVersionColumns", c -> { rows(c.getMetaData().getVersionColumns(null, "fdx", "deposit_accounts")); return "ok"; });
    check("getClientInfoProperties", c -> rows(c.getMetaData().getClientInfoProperties()));
    check("getSQLKeywords", c -> c.getMetaData().getSQLKeywords().contains("analyze") ? "ok" : "missing");
    check("getMaxColumnNameLength", c -> c.getMetaData().getMaxColumnNameLength());
    check("getMaxIndex", c -> c.getMetaData().getMaxColumnsInIndex());
    check("getDatabaseProduct", c -> c.getMetaData().getDatabaseProductName() + " " + c.getMetaData().getDatabaseMajorVersion());
    check("isReadOnly, isolation", c -> c.getMetaData().getDefaultTransactionIsolation() + " " + c.getTransactionIsolation());
    check("result metadata", c -> {
      try (PreparedStatement p = c.prepareStatement("select a.account_id, a.balance, count(*) as n from mart.accounts a where provider = ? group by 1, 2")) {
        ResultSetMetaData m = p.getMetaData();
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= m.getColumnCount(); i++)
          text.append(m.getColumnName(i)).append(' ').append(m.getColumnTypeName(i)).append(' ').append(m.getColumnType(i)).append("; ");
        return text + p.getParameterMetaData().getParameterTypeName(1);
      }
    });
  }

  static void values() {
    row = "values";
    String[] literals = {
      "true", "null::boolean", "42::smallint", "(-2147483648)::int", "9007199254740993::bigint", "12345678901234567890.123456789::numeric(38,9)",
      "0::numeric(10,2)", "1.5::real", "2.25::double precision", "'äöü €'::text", "''::text", "date '2024-02-29'", "time '12:34:56.789'",
      "timestamp '2024-02-29 12:34:56.123456'", "timestamptz '2024-02-29 12:34:56+00'", "interval '1 day 02:03:04'",
      "'00112233-4455-6677-8899-aabbccddeeff'::uuid", "'{\"a\": 1}'::json", "array[1, 2, 3]", "array['a', 'b c', null]::text[]", "null::date",
    };
    for (String literal : literals)
      check("binary " + literal, c -> {
        String text = null;
        try (PreparedStatement p = c.prepareStatement("select " + literal + " as v, ?::int as n")) {
          for (int i = 0; i < 8; i++) {
            p.setInt(1, i);
            try (ResultSet rs = p.executeQuery()) {
              rs.next();
              if (rs.getInt(2) != i) return "wrong parameter";
              String now = rs.getString(1);
              if (i > 0 && !Objects.equals(now, text)) return "text and binary differ: " + text + " / " + now;
              text = now;
            }
          }
        }
        return text;
      });
    check("setNull", c -> { try (PreparedStatement p = c.prepareStatement("select ?::int is null")) { p.setNull(1, Types.INTEGER); ResultSet rs = p.executeQuery(); rs.next(); return rs.getBoolean(1); } });
    check("LocalDate", c -> one(c, "select ? + 1", LocalDate.of(2024, 2, 28)));
    check("LocalDateTime", c -> one(c, "select ?::timestamp", LocalDateTime.of(2024, 2, 28, 1, 2, 3)));
    check("OffsetDateTime", c -> one(c, "select count(*) from mart.transactions where posted_at < ?", OffsetDateTime.of(2100, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC)));
    check("BigDecimal", c -> one(c, "select ? * 2", new BigDecimal("12345678901234567890.25")));
    check("String", c -> one(c, "select count(*) from mart.accounts where account_kind = ?", "deposit"));
    check("Long", c -> one(c, "select ? + 1", 41L));
    check("Boolean", c -> one(c, "select not ?", true));
    check("Array", c -> { try (PreparedStatement p = c.prepareStatement("select count(*) from mart.accounts where account_kind = any(?)")) { p.setArray(1, c.createArrayOf("text", new String[] {"deposit", "loan"})); ResultSet rs = p.executeQuery(); rs.next(); return rs.getInt(1); } });
    check("Array back", c -> { try (Statement s = c.createStatement(); ResultSet rs = s.executeQuery("select array[1,2,3]")) { rs.next(); return Arrays.toString((Object[]) rs.getArray(1).getArray()); } });
    check("LIMIT ?", c -> { try (PreparedStatement p = c.prepareStatement("select account_id from mart.accounts order by 1 limit ? offset ?")) { p.setInt(1, 3); p.setInt(2, 1); return rows(p.executeQuery()); } });
    check("setObject in IN", c -> one(c, "select count(*) from mart.accounts where account_kind in (?, ?)", "deposit", "loc"));
    check("like ?", c -> one(c, "select count(*) from mart.accounts where account_kind like ?", "%o%"));
    check("types of columns", c -> { try (Statement s = c.createStatement(); ResultSet rs = s.executeQuery("select sum(balance) as s, avg(balance)::numeric(10,2) as a, count(*) as n, max(last_seen_at) as m, min(account_kind) as k from mart.accounts where currency = 'CAD'")) { ResultSetMetaData m = rs.getMetaData(); StringBuilder t = new StringBuilder(); for (int i = 1; i <= 5; i++) t.append(m.getColumnTypeName(i)).append(' '); return t + rows(rs); } });
  }

  static void streams(long expected) {
    row = "streams";
    check("fetch size with a query between", c -> {
      c.setAutoCommit(false);
      long n = 0;
      try (Statement s = c.createStatement()) {
        s.setFetchSize(100);
        try (ResultSet rs = s.executeQuery("select * from mart.transactions")) {
          while (rs.next()) if (++n % 1000 == 1) one(c, "select count(*) from mart.accounts");
        }
      }
      c.commit();
      return n == expected ? "ok" : n + " of " + expected;
    });
    check("setMaxRows", c -> { try (Statement s = c.createStatement()) { s.setMaxRows(7); try (ResultSet rs = s.executeQuery("select account_id from mart.transactions")) { int n = 0; while (rs.next()) n++; return n; } } });
    String slow = "select count(*) from generate_series(1, 3000000) a, generate_series(1, 3000000) b where (a + b) % 7 = 3";
    check("setQueryTimeout", c -> { String state; try (Statement s = c.createStatement()) { s.setQueryTimeout(1); s.executeQuery(slow); state = "no error"; } catch (SQLException e) { state = e.getSQLState(); } return state + " then " + one(c, "select 1"); });
    check("cancel", c -> {
      var pool = Executors.newSingleThreadScheduledExecutor();
      try (Statement s = c.createStatement()) {
        pool.schedule(() -> { s.cancel(); return null; }, 500, TimeUnit.MILLISECONDS);
        String state;
        try { s.executeQuery(slow); state = "no error"; } catch (SQLException e) { state = e.getSQLState(); }
        return state + " then " + one(c, "select 1");
      } finally {
        pool.shutdown();
      }
    });
  }

  static void transactions() {
    row = "transactions";
    check("25P02 and savepoint", c -> {
      c.setAutoCommit(false);
      one(c, "select 1");
      Savepoint point = c.setSavepoint();
      String first = state(c, "select * from nothing_here");
      String second = state(c, "select 1");
      c.rollback(point);
      String third = one(c, "select 3");
      c.commit();
      return first + " " + second + " " + third;
    });
    check("autosave=always", c -> { c.setAutoCommit(false); String first = state(c, "select * from nothing_here"); String second = one(c, "select 2"); c.commit(); return first + " " + second; }, "autosave", "always");
    check("preferQueryMode=simple", c -> one(c, "select count(*) from mart.accounts where account_kind = ? and balance > ?", "deposit", new BigDecimal("1.5")), "preferQueryMode", "simple");
    check("preferQueryMode=extendedForPrepared", c -> one(c, "select count(*) from mart.accounts where account_kind = ?", "deposit"), "preferQueryMode", "extendedForPrepared");
    check("several statements", c -> { try (Statement s = c.createStatement()) { StringBuilder t = new StringBuilder(); boolean more = s.execute("select 1; select 2; select 3"); while (more) { ResultSet rs = s.getResultSet(); rs.next(); t.append(rs.getInt(1)); more = s.getMoreResults(); } return t; } });
    check("escapes", c -> { try (Statement s = c.createStatement(); ResultSet rs = s.executeQuery("select {fn ucase('abc')}, {d '2024-02-29'}, {ts '2024-02-29 01:02:03'}, {fn concat('a', 'b')}, {fn length('abc')}, {fn mod(7, 4)}, {fn year({d '2024-02-29'})} from {oj mart.accounts a left outer join mart.freshness f on a.connection_id = f.connection_id} limit 1")) { return rows(rs); } });
    check("setSchema and getSchema", c -> { String before = c.getSchema(); c.setSchema("fdx"); return before + " " + c.getSchema() + " " + one(c, "select count(*) from holdings"); });
    check("setReadOnly", c -> { c.setReadOnly(true); return c.isReadOnly() + " " + one(c, "select 1"); });
    check("isValid", c -> c.isValid(5));
    check("client info", c -> { c.setClientInfo("ApplicationName", "suite"); return one(c, "show application_name"); });
    check("serializable", c -> { c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE); return one(c, "select 1"); });
    check("currentSchema in the address", c -> c.getSchema() + one(c, "select count(*) from holdings"), "currentSchema", "fdx");
    check("copy to", c -> { var out = new java.io.ByteArrayOutputStream(); long n = c.unwrap(org.postgresql.PGConnection.class).getCopyAPI().copyOut("copy (select 1 as a, 'x' as b) to stdout with (format csv, header)", out); return n + " " + out.toString().replace("\n", "/"); });
  }

  static void writes() {
    row = "writes";
    for (String sql : new String[] {
      "insert into mart.accounts (account_id) values ('x')", "update mart.accounts set name = 'x'", "delete from fdx.deposit_accounts",
      "create table fdx.x (a int)", "create temp table x (a int)", "drop table fdx.deposit_accounts", "truncate fdx.deposit_accounts", "create schema y",
      "alter table fdx.deposit_accounts add column z int", "create index on fdx.deposit_accounts (account_id)", "select 1 into x", "create table x as select 1",
    })
      check(sql, c -> state(c, sql) + " then " + one(c, "select 1"));
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> env = System.getenv();
    url = "jdbc:postgresql://" + env.get("PGHOST") + ":" + env.get("PGPORT") + "/" + env.get("PGDATABASE") + "?sslmode=prefer";
    user = env.get("PGUSER");
    password = env.get("PGPASSWORD");
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    long expected;
    try (Connection c = connect()) {
      expected = Long.parseLong(one(c, "select count(*) from mart.transactions"));
    }
    metadata();
    values();
    streams(expected);
    transactions();
    writes();
  }
}
