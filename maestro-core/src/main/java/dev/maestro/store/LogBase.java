package dev.maestro.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Where a log begins: everything before was moved on and may be deleted.
 *
 * <p>It is kept in the file {@code log/base}, which is written before anything is deleted. Without
 * it a log begins with its first segment, so that a segment which is lost never passes for one that
 * was not needed.
 *
 * @param segment the number of the first segment
 * @param batch the number of the first batch
 * @param token the highest token that was given out before
 * @param listed whether a {@link RunFileList} was written before this
 */
record LogBase(long segment, long batch, long token, boolean listed) {

  static final LogBase FIRST = new LogBase(1, 1, 0, false);

  private static final String LISTED = "archived=listed";

  static Path path(Path logDirectory) {
    return logDirectory.resolve("base");
  }

  /** {@return where the log begins; empty when the file that says so is damaged} */
  static Optional<LogBase> read(Path logDirectory) throws IOException {
    Path file = path(logDirectory);
    if (Files.notExists(file)) {
      return Optional.of(FIRST);
    }
    byte[] bytes = Uninterrupted.call(() -> Files.readAllBytes(file));
    List<String> lines = new String(bytes, StandardCharsets.ISO_8859_1).lines().toList();
    try {
      LogBase base =
          new LogBase(
              number(lines, 0, "segment="),
              number(lines, 1, "batch="),
              number(lines, 2, "token="),
              lines.contains(LISTED));
      boolean intact =
          new String(base.content(), StandardCharsets.ISO_8859_1).lines().toList().equals(lines);
      return intact ? Optional.of(base) : Optional.empty();
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  void write(Path logDirectory) throws IOException {
    Durably.write(path(logDirectory), content());
  }

  /** {@return whether every run that was archived so far is in the log} */
  boolean isFirst() {
    return segment == FIRST.segment;
  }

  private static long number(List<String> lines, int at, String key) {
    return Long.parseLong(lines.get(at).substring(key.length()));
  }

  private byte[] content() {
    String text = "segment=" + segment + "\nbatch=" + batch + "\ntoken=" + token + "\n";
    text += listed ? LISTED + "\n" : "";
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    return (text + "checksum=" + Long.toHexString(crc.getValue()) + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
