import java.sql.*;

/** `Jdbc URL USER SQL TIMES`: reads every column of a result by pgjdbc, with a fetch size; prints milliseconds. */
public class Jdbc {
  public static void main(String[] args) throws Exception {
    try (Connection connection = DriverManager.getConnection(args[0], args[1], args[1])) {
      connection.setAutoCommit(false);
      StringBuilder out = new StringBuilder("[");
      for (int time = 0; time < Integer.parseInt(args[3]); time++) {
        long start = System.nanoTime();
        long sum = 0;
        try (Statement statement = connection.createStatement()) {
          statement.setFetchSize(10000);
          try (ResultSet rows = statement.executeQuery(args[2])) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) for (int column = 1; column <= columns; column++) if (rows.getObject(column) != null) sum++;
          }
        }
        if (time > 0) out.append(",");
        out.append((System.nanoTime() - start) / 1e6);
        if (sum == 0) throw new Exception("no rows");
      }
      System.out.println(out + "]");
    }
  }
}
