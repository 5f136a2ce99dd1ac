package dev.maestro.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/** RocksDB with {@code sync}: a put for each step, a thread for each run; it commits in groups. */
final class RocksSteps implements Contestant {

  private final Path directory;
  private final byte[] record;
  private final int runs;
  private final int steps;

  /** Make one that keeps so many bytes a step. */
  RocksSteps(Path directory, int record, int runs, int steps) {
    this.directory = directory;
    this.record = new byte[record];
    this.runs = runs;
    this.steps = steps;
  }

  @Override
  public String name() {
    return "RocksDB";
  }

  @Override
  public List<Reading> round()
      throws RocksDBException, IOException, InterruptedException, ExecutionException {
    Files.createDirectories(directory);
    try (Options options = new Options().setCreateIfMissing(true);
        WriteOptions sync = new WriteOptions().setSync(true);
        RocksDB db = RocksDB.open(options, directory.toString());
        Together threads = new Together(runs)) {
      long begin = System.nanoTime();
      threads.each(runs, run -> put(db, sync, run));
      return List.of(Reading.stepsPerSecond(System.nanoTime() - begin, (long) runs * steps));
    } finally {
      Directories.delete(directory);
    }
  }

  private void put(RocksDB db, WriteOptions sync, int run) throws RocksDBException {
    for (int step = 0; step < steps; step++) {
      db.put(sync, ByteBuffer.allocate(8).putInt(run).putInt(step).array(), record);
    }
  }
}
