package dev.maestro.store;

import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Runs, events and records for the tests of the stores. */
final class Fixtures {

  static final Instant NOW = Instant.parse("2026-11-20T10:00:00.123456789Z");

  private Fixtures() {}

  static RunKey run(String name) {
    return new RunKey(Tenant.DEFAULT, RunId.of(name));
  }

  static RecordKey key(String name) {
    return new RecordKey(Tenant.DEFAULT, "budget", name);
  }

  static byte[] json(String text) {
    return ("{\"text\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
  }

  static Envelope event(String text) {
    return new Envelope("task.moved", 1, NOW, json(text));
  }

  /** {@return a commit of so many events under token 1} */
  static Commit commit(RunKey run, long expectedSequence, int events) {
    return new Commit(run, expectedSequence, 1, events(expectedSequence, events), null, List.of());
  }

  static List<Envelope> events(long after, int count) {
    return IntStream.range(0, count).mapToObj(i -> event("event " + (after + 1 + i))).toList();
  }

  static Commit write(String key, long expectedVersion, String text) {
    return Commit.ofRecords(
        List.of(new RecordWrite(key(key), expectedVersion, text == null ? null : json(text))));
  }

  static RunIndex index(RunKey run, String state, Instant startedAt) {
    return new RunIndex(
        run, "tdd", state, !state.equals("SUCCEEDED"), startedAt, NOW, Map.of("team", "blue"));
  }

  static CommitOutcome commit(Store store, Commit commit) {
    return store.commit(List.of(commit)).get(0);
  }

  /** {@return the JSON of a run's events, in order} */
  static List<String> texts(Store store, RunKey run) {
    return store.read(run, 1).stream().map(event -> text(event.envelope().json())).toList();
  }

  static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }

  static Path log(Path store) {
    return store.resolve("log/000001.log");
  }

  /** {@return the length of a log without the zeros that were written ahead} */
  static int contentLength(Path store) {
    byte[] bytes = bytes(log(store));
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  /** {@return where the batches of a log start, and where the last one ends} */
  static int[] boundaries(byte[] log) {
    IntStream.Builder starts = IntStream.builder();
    int at = Segment.HEADER;
    while (at + Frame.HEADER <= log.length && Frame.claimedLength(log, at) > 0) {
      starts.add(at);
      at += Frame.claimedLength(log, at);
    }
    return starts.add(at).build().toArray();
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copy a store as a crash of the machine would leave it, with another log. */
  static Path copy(Path store, Path to, byte[] log) throws IOException {
    Files.createDirectories(to.resolve("log"));
    Files.createDirectories(to.resolve("blobs"));
    Files.copy(store.resolve("format"), to.resolve("format"));
    Files.write(log(to), log);
    return to;
  }

  static void flip(byte[] bytes, int at) {
    bytes[at] ^= 0x10;
  }

  static byte[] flipped(byte[] bytes, int at) {
    byte[] copy = Arrays.copyOf(bytes, bytes.length);
    flip(copy, at);
    return copy;
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
