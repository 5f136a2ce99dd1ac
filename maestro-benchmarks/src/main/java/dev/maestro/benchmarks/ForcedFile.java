package dev.maestro.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The floor: as many bytes as Maestro writes, appended to a file and forced, by a loop that does
 * nothing else.
 */
final class ForcedFile implements Contestant {

  private final String name;
  private final Path file;
  private final int steps;
  private final int runs;
  private final boolean preallocated;
  private final ByteBuffer records;

  /**
   * Make one.
   *
   * @param record how many bytes a step takes
   * @param steps how often the disk is forced
   * @param runs how many records go into one force
   * @param preallocated whether the file is there in full length beforehand, so that a force has no
   *     new length to bring to the disk
   */
  ForcedFile(String name, Path file, int record, int steps, int runs, boolean preallocated) {
    this.name = name;
    this.file = file;
    this.steps = steps;
    this.runs = runs;
    this.preallocated = preallocated;
    this.records = ByteBuffer.allocateDirect(record * runs);
    while (records.hasRemaining()) {
      records.put((byte) 'x');
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Reading> round() throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      if (preallocated) {
        preallocate(channel);
      }
      long begin = System.nanoTime();
      for (int i = 0; i < steps; i++) {
        append(channel);
        channel.force(false);
      }
      long nanos = System.nanoTime() - begin;
      return List.of(Reading.stepsPerSecond(nanos, (long) steps * runs));
    }
  }

  private void preallocate(FileChannel channel) throws IOException {
    for (int i = 0; i < steps; i++) {
      append(channel);
    }
    channel.force(true);
    channel.position(0);
  }

  private void append(FileChannel channel) throws IOException {
    records.rewind();
    while (records.hasRemaining()) {
      channel.write(records);
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
