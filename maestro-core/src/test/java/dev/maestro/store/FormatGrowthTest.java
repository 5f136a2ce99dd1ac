package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.index;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.texts;
import static dev.maestro.store.Fixtures.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.store.CommitOutcome.Committed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a later version may add is passed over, and what this one cannot read is refused. */
final class FormatGrowthTest {

  private static final byte[] LATER = {7, 7, 7};
  private static final int EVENT_CHECKSUM = 4;

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();

  private FileStore files() {
    return FileStore.at(directory).withPreallocation(256).withoutUpkeep();
  }

  @BeforeEach
  void fill() throws IOException {
    try (Store store = files().open(time)) {
      commit(
          store, new Commit(run("a"), 0, 1, events(3), index(run("a"), "WAITING", NOW), List.of()));
      commit(
          store,
          new Commit(
              run("ended"), 0, 1, events(2), index(run("ended"), "SUCCEEDED", NOW), List.of()));
      commit(store, write("r", 0, "spent"));
      store.release(store.acquire("lease", "me", Duration.ofMinutes(1)).orElseThrow());
      commit(store, commit(run("a"), 3, 1));
      store.maintain();
    }
    Files.deleteIfExists(Snapshot.path(directory.resolve("log")));
  }

  private static List<Envelope> events(int count) {
    return Fixtures.events(0, count);
  }

  private static void isAsItWas(Store store) {
    assertThat(store.openReport().isClean()).isTrue();
    assertThat(texts(store, run("a"))).hasSize(4).last().asString().contains("event 4");
    assertThat(store.index(run("a"))).contains(index(run("a"), "WAITING", NOW));
    assertThat(texts(store, run("ended"))).hasSize(2);
    assertThat(store.record(key("r")).orElseThrow().json()).isEqualTo(json("spent"));
  }

  // ------------------------------------------------------------------ the log

  /** Writes an entry of the log as another version would. */
  @FunctionalInterface
  private interface Rewriting {
    void entry(int kind, byte[] content, Bytes out);
  }

  private void rewriteLog(Rewriting rewriting) throws IOException {
    byte[] log = Fixtures.bytes(Fixtures.log(directory));
    ByteArrayOutputStream rewritten = new ByteArrayOutputStream();
    rewritten.write(log, 0, Segment.HEADER);
    LogScan.Tail tail = LogScan.Tail.before(1, 1);
    int[] starts = Fixtures.boundaries(log);
    for (int i = 0; i + 1 < starts.length; i++) {
      Bytes batch = new Bytes(1024).zeros(Frame.HEADER);
      entries(new Cursor(log, starts[i] + Frame.HEADER, starts[i + 1]), rewriting, batch);
      tail = LogScan.Tail.after(Frame.seal(batch, tail, 1, false));
      rewritten.write(batch.array(), 0, batch.length());
    }
    Files.write(Fixtures.log(directory), rewritten.toByteArray());
  }

  private static void entries(Cursor from, Rewriting rewriting, Bytes to) {
    while (from.hasMore()) {
      int kind = from.u8();
      if (kind == EntryWriter.END) {
        return;
      }
      rewriting.entry(kind, from.block(), to);
    }
  }

  private static void longer(int kind, byte[] content, Bytes out) {
    Bytes more = new Bytes(content.length + LATER.length);
    more.raw(content, content.length).raw(LATER, LATER.length);
    if (kind == EntryWriter.EVENT) {
      more.setU32(0, checksum(more.array(), EVENT_CHECKSUM, more.length()));
    }
    out.u8(kind).varint(more.length()).raw(more.array(), more.length());
  }

  @Test
  void fieldsThatALaterVersionAppendsToAnEntryArePassedOver() throws IOException {
    Set<Integer> kinds = new TreeSet<>();
    rewriteLog(
        (kind, content, out) -> {
          kinds.add(kind);
          longer(kind, content, out);
        });

    assertThat(kinds)
        .contains(
            EntryWriter.COMMIT,
            EntryWriter.EVENT,
            EntryWriter.RECORD,
            EntryWriter.LEASE,
            EntryWriter.RELEASE,
            EntryWriter.TRAIL,
            EntryWriter.ARCHIVED);
    assertThat(files().verify().findings()).isEmpty();
    try (Store store = files().open(time)) {
      isAsItWas(store);
      assertThat(commit(store, commit(run("a"), 4, 1))).isEqualTo(new Committed(5));
    }
  }

  @Test
  void anEntryOfAnUnknownKindStopsTheStoreFromBeingOpened() throws IOException {
    rewriteLog(
        (kind, content, out) -> {
          out.u8(kind).varint(content.length).raw(content, content.length);
          if (kind == EntryWriter.RECORD) {
            out.u8(99).varint(LATER.length).raw(LATER, LATER.length);
          }
        });
    byte[] before = Fixtures.bytes(Fixtures.log(directory));

    for (FileStore store : List.of(files(), FileStore.readOnly(directory))) {
      assertThatThrownBy(() -> store.open(time))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("entry of kind 99")
          .hasMessageContaining("only a newer version of Maestro can read");
    }
    assertThat(Fixtures.bytes(Fixtures.log(directory))).isEqualTo(before);
    assertThat(files().verify().findings())
        .anyMatch(finding -> finding.what().contains("entry of kind 99"));
  }

  // ------------------------------------------------------------------ the snapshot

  @Test
  void whatALaterVersionAppendsToTheSnapshotIsPassedOver() throws IOException {
    try (Store store = files().open(time)) {
      ((OpenFileStore) store).housekeeper().tidy();
    }
    Path file = Snapshot.path(directory.resolve("log"));
    byte[] snapshot = Fixtures.bytes(file);
    Bytes longer = new Bytes(snapshot.length).raw(snapshot, 16);
    Cursor all = new Cursor(snapshot, 16, snapshot.length);
    part(all, longer);
    for (String list : List.of("runs", "records")) {
      int count = all.count();
      assertThat(count).as(list).isPositive();
      longer.varint(count);
      for (int left = count; left > 0; left--) {
        part(all, longer);
      }
    }
    int filed = all.count();
    assertThat(filed).isEqualTo(1);
    longer.varint(filed).u64(all.u64()).u32(all.u32()).raw(LATER, LATER.length);
    longer.setU32(8, checksum(longer.array(), 12, longer.length()));
    Files.write(file, Arrays.copyOf(longer.array(), longer.length()));

    assertThat(Snapshot.read(directory.resolve("log"))).isPresent();
    assertThat(files().verify().findings()).isEmpty();
    try (Store store = files().open(time)) {
      isAsItWas(store);
    }
  }

  private static void part(Cursor from, Bytes to) {
    byte[] part = from.block();
    to.varint(part.length + LATER.length).raw(part, part.length).raw(LATER, LATER.length);
  }

  // ------------------------------------------------------------------ the file of a run

  @Test
  void fieldsThatALaterVersionAddsToALineOfARunArePassedOver() throws IOException {
    Path file = directory.resolve("runs/default/ended.jsonl");
    ByteArrayOutputStream grown = new ByteArrayOutputStream();
    for (String line : Files.readAllLines(file)) {
      String rest = line.substring(line.indexOf(',') + 1);
      if (rest.startsWith("\"events\"")) {
        String sha256 = HexFormat.of().formatHex(BlobId.sha256().digest(grown.toByteArray()));
        rest = "\"events\":2,\"sha256\":\"" + sha256 + "\"}";
      }
      grown.writeBytes(sealed(later(rest)));
    }

    try (Store other = InMemoryStore.create().open(time)) {
      StoreTransfer.importRun(other, new ByteArrayInputStream(grown.toByteArray()));
      assertThat(texts(other, run("ended"))).hasSize(2).first().asString().contains("event 1");
      assertThat(other.index(run("ended"))).contains(index(run("ended"), "SUCCEEDED", NOW));
    }
  }

  /** Behind everything else, but the JSON of an event stays last. */
  private static String later(String rest) {
    int json = rest.indexOf(",\"json\":");
    int at = json < 0 ? rest.length() - 1 : json;
    return rest.substring(0, at) + ",\"later\":{\"x\":[1,2]}" + rest.substring(at);
  }

  private static byte[] sealed(String rest) {
    byte[] bytes = rest.getBytes(StandardCharsets.UTF_8);
    String start = String.format("{\"crc\":\"%08x\",", checksum(bytes, 0, bytes.length));
    return (start + rest + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static int checksum(byte[] bytes, int from, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, end - from);
    return (int) crc.getValue();
  }
}
