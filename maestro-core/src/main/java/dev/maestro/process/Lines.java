package dev.maestro.process;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts a stream of bytes into lines of bounded length.
 *
 * <p>A line ends with LF or CR LF. One that is too long is handed on as far as it is allowed to be,
 * with {@link #CUT} behind it, and its rest is dropped as it comes.
 */
final class Lines {

  /** What stands at the end of a line that was cut. */
  static final String CUT = " …[cut]";

  private final int limit;
  private final Consumer<String> consumer;
  private byte[] line;
  private int length;
  private boolean dropping;
  // behind a line of exactly the limit came a CR, which may be half of its end
  private boolean holdsCarriageReturn;
  // written by the reading thread only
  private volatile long cuts;

  Lines(int limit, Consumer<String> consumer) {
    this.limit = limit;
    this.consumer = consumer;
    this.line = new byte[Math.min(limit, 1 << 10)];
  }

  /** Take the next bytes and hand on every line that they complete. */
  void accept(byte[] bytes, int count) {
    int from = 0;
    for (int at = 0; at < count; at++) {
      if (bytes[at] == '\n') {
        append(bytes, from, at);
        endLine();
        from = at + 1;
      }
    }
    append(bytes, from, count);
  }

  /** Hand on what stands behind the last line end. */
  void end() {
    if (holdsCarriageReturn) {
      cut();
    } else if (length > 0) {
      emit(length, "");
    }
  }

  /** {@return how many lines have been cut} */
  long cuts() {
    return cuts;
  }

  private void append(byte[] bytes, int from, int to) {
    if (dropping || from == to) {
      return;
    }
    if (holdsCarriageReturn) {
      cut();
      return;
    }
    int room = limit - length;
    int taken = Math.min(room, to - from);
    if (line.length < length + taken) {
      line = Arrays.copyOf(line, (int) Math.min(limit, Math.max(2L * line.length, length + taken)));
    }
    System.arraycopy(bytes, from, line, length, taken);
    length += taken;
    int left = to - from - taken;
    if (left == 1 && bytes[to - 1] == '\r') {
      holdsCarriageReturn = true;
    } else if (left > 0) {
      cut();
    }
  }

  private void cut() {
    cuts++;
    emit(wholeCharacters(), CUT);
    dropping = true;
    holdsCarriageReturn = false;
  }

  private void endLine() {
    if (!dropping) {
      boolean endsInLine = !holdsCarriageReturn && length > 0 && line[length - 1] == '\r';
      emit(endsInLine ? length - 1 : length, "");
    }
    dropping = false;
    holdsCarriageReturn = false;
  }

  private void emit(int count, String suffix) {
    String text = new String(line, 0, count, StandardCharsets.UTF_8) + suffix;
    length = 0;
    consumer.accept(text);
  }

  /** {@return the length without the begun character that the limit cut through} */
  private int wholeCharacters() {
    int start = length - 1;
    while (start > 0 && start > length - 4 && (line[start] & 0xC0) == 0x80) {
      start--;
    }
    int lead = line[start] & 0xFF;
    int size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return start > 0 && start + size > length ? start : length;
  }
}
