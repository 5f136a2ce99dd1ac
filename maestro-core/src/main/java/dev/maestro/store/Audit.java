package dev.maestro.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The lines in {@code audit.jsonl}, one for each run that was removed, each of which names the hash
 * of the line before.
 *
 * <p>Who changes, adds or takes away a line breaks the chain there. Only the end can be cut off
 * without a trace in the file itself: note the last hash elsewhere where that matters. Used by one
 * thread at a time.
 *
 * <pre>
 *  {"hash":"…","previous":"…","at":"…","what":"run default/a","why":"…","events":3,"sha256":"…"}
 * </pre>
 */
final class Audit {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NONE = "0".repeat(64);
  private static final String HASH = "{\"hash\":\"";
  // HASH, the digits, a quote and a comma
  private static final int HASHED_FROM = HASH.length() + 64 + 2;

  private final Path file;
  // of the line that was appended last; null before the first
  private @Nullable String last;

  /**
   * What is removed, and why.
   *
   * @param at when
   * @param what names it
   * @param why the rule that let go of it
   * @param events how many events it had
   * @param sha256 of the file that is removed
   */
  record Entry(Instant at, String what, String why, long events, String sha256) {}

  Audit(Path directory) {
    this.file = directory.resolve("audit.jsonl");
  }

  Path file() {
    return file;
  }

  /** Write a line and return when it is on the disk. */
  void append(Entry entry) throws IOException {
    if (last == null) {
      cutTorn();
      last = lastHash();
    }
    String previous = last;
    ObjectNode line = JSON.createObjectNode().put("previous", previous);
    line.put("at", entry.at().toString()).put("what", entry.what()).put("why", entry.why());
    line.put("events", entry.events()).put("sha256", entry.sha256());
    String rest = line.toString().substring(1);
    String hash = hash(rest.getBytes(StandardCharsets.UTF_8));
    String text = HASH + hash + "\"," + rest + "\n";
    // unknown until the line is on the disk
    last = null;
    boolean isNew = Files.notExists(file);
    try (FileOutputStream out = new FileOutputStream(file.toFile(), true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.getFD().sync();
    }
    if (isNew) {
      Durably.forceDirectory(file.toAbsolutePath().resolveSibling(""));
    }
    last = hash;
  }

  /** Remove a line that a crash cut short; {@return how many bytes it had} */
  int cutTorn() throws IOException {
    byte[] bytes = bytes();
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    if (end < bytes.length) {
      try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
        open.setLength(end);
        open.getFD().sync();
      }
    }
    return bytes.length - end;
  }

  /**
   * Follow the chain.
   *
   * @param broken is told the offset and what is wrong there
   * @return how many lines there are
   */
  int check(BiConsumer<Long, String> broken) throws IOException {
    byte[] bytes = bytes();
    String previous = NONE;
    int lines = 0;
    for (int from = 0; from < bytes.length; ) {
      int end = from;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      lines++;
      byte[] line = Arrays.copyOfRange(bytes, from, end);
      String hash = ownHash(line);
      if (end == bytes.length) {
        broken.accept((long) from, "line " + lines + " was cut short");
      } else if (hash == null) {
        broken.accept((long) from, "line " + lines + " has changed");
      } else if (!previous.equals(previousOf(line))) {
        broken.accept((long) from, "the line before line " + lines + " is another one or missing");
      }
      previous = hash == null ? NONE : hash;
      from = end + 1;
    }
    return lines;
  }

  private String lastHash() throws IOException {
    byte[] bytes = bytes();
    int from = bytes.length - 1;
    while (from > 0 && bytes[from - 1] != '\n') {
      from--;
    }
    if (bytes.length == 0) {
      return NONE;
    }
    String hash = ownHash(Arrays.copyOfRange(bytes, from, bytes.length - 1));
    if (hash == null) {
      throw new StoreException("damage in " + file + ": its last line has changed");
    }
    return hash;
  }

  /** {@return the hash of a line, or null when the line is not as it was written} */
  private static @Nullable String ownHash(byte[] line) {
    if (line.length < HASHED_FROM) {
      return null;
    }
    String hash = hash(Arrays.copyOfRange(line, HASHED_FROM, line.length));
    byte[] start = (HASH + hash + "\",").getBytes(StandardCharsets.UTF_8);
    return Arrays.equals(line, 0, HASHED_FROM, start, 0, HASHED_FROM) ? hash : null;
  }

  private static String previousOf(byte[] line) throws IOException {
    JsonNode node = JSON.readTree(line);
    return node.path("previous").asText();
  }

  private static String hash(byte[] bytes) {
    return BlobId.of(bytes).hex();
  }

  private byte[] bytes() throws IOException {
    return Files.exists(file) ? Uninterrupted.call(() -> Files.readAllBytes(file)) : new byte[0];
  }
}
