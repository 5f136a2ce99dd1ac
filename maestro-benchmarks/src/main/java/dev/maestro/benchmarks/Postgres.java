package dev.maestro.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** A PostgreSQL of its own that syncs at each commit. */
final class Postgres implements Closeable {

  // those who embed it for tests start it with neither
  private static final List<String> DURABLE = List.of("fsync", "synchronous_commit");

  // a disk that is busy with others keeps it from coming up for longer than the usual ten seconds
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final EmbeddedPostgres server;

  private Postgres(EmbeddedPostgres server) {
    this.server = server;
  }

  /** Start one whose data are in this directory. */
  static Postgres in(Path directory) throws IOException, SQLException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder().setDataDirectory(directory).setPGStartupWait(PATIENCE);
    DURABLE.forEach(setting -> builder.setServerConfig(setting, "on"));
    Postgres postgres = new Postgres(builder.start());
    postgres.requireDurable();
    return postgres;
  }

  private void requireDurable() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      for (String setting : DURABLE) {
        try (ResultSet answer = statement.executeQuery("SHOW " + setting)) {
          if (!answer.next() || !answer.getString(1).equals("on")) {
            throw new IllegalStateException("PostgreSQL does not have " + setting + " on");
          }
        }
      }
    }
  }

  /** {@return where JDBC finds it, the user included} */
  String url() {
    return server.getJdbcUrl("postgres", "postgres");
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
