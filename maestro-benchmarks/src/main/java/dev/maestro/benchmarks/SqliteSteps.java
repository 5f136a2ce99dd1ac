package dev.maestro.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** SQLite with a write-ahead log and {@code synchronous=FULL}: a row and a commit for each step. */
final class SqliteSteps implements Contestant {

  // as SQLite counts its levels
  private static final String FULL = "2";

  private final Path directory;
  private final byte[] record;
  private final int runs;
  private final int steps;

  /** Make one that keeps so many bytes a step. */
  SqliteSteps(Path directory, int record, int runs, int steps) {
    this.directory = directory;
    this.record = new byte[record];
    this.runs = runs;
    this.steps = steps;
  }

  @Override
  public String name() {
    return "SQLite";
  }

  @Override
  public List<Reading> round() throws SQLException, IOException {
    Files.createDirectories(directory);
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("steps.db"));
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode=WAL");
      statement.execute("PRAGMA synchronous=FULL");
      requireDurable(statement);
      statement.execute("CREATE TABLE steps (run INTEGER, step INTEGER, event BLOB)");
      long begin = System.nanoTime();
      insert(connection);
      return List.of(Reading.stepsPerSecond(System.nanoTime() - begin, (long) runs * steps));
    } finally {
      Directories.delete(directory);
    }
  }

  private static void requireDurable(Statement statement) throws SQLException {
    require(statement, "journal_mode", "wal");
    require(statement, "synchronous", FULL);
  }

  private static void require(Statement statement, String setting, String expected)
      throws SQLException {
    try (ResultSet answer = statement.executeQuery("PRAGMA " + setting)) {
      if (!answer.next() || !answer.getString(1).equals(expected)) {
        throw new IllegalStateException("SQLite does not have " + setting + " " + expected);
      }
    }
  }

  private void insert(Connection connection) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO steps VALUES (?, ?, ?)")) {
      for (int step = 0; step < steps; step++) {
        for (int run = 0; run < runs; run++) {
          insert.setInt(1, run);
          insert.setInt(2, step);
          insert.setBytes(3, record);
          insert.executeUpdate();
        }
      }
    }
  }
}
