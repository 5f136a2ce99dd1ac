package dev.maestro.process;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The stdin of a running child process.
 *
 * <p>Writing never blocks: what the child does not read yet waits in memory. A child that reads
 * nothing, or has closed its end, is no error. Safe for use by any number of threads.
 */
public final class ProcessInput implements AutoCloseable {

  private static final int PIECE = 8 << 10;

  // guarded by this
  private final Queue<String> waiting = new ArrayDeque<>();
  // guarded by this: nothing more will be queued
  private boolean closed;

  ProcessInput() {}

  /**
   * Queue the text.
   *
   * @return whether it was taken, that is, whether stdin is still open
   */
  public synchronized boolean write(String text) {
    Objects.requireNonNull(text, "text");
    if (closed) {
      return false;
    }
    waiting.add(text);
    notifyAll();
    return true;
  }

  /** Let stdin end behind what has been written so far. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** Close stdin; {@return whether that tells the child something, as it was open until now} */
  synchronized boolean closeAsHint() {
    boolean wasOpen = !closed;
    close();
    return wasOpen;
  }

  /** Forget what has not been written. */
  synchronized void abandon() {
    waiting.clear();
    close();
  }

  /** Write to the child until this is closed or the child is gone. */
  void pump(OutputStream stdin) {
    try (Writer writer = new OutputStreamWriter(stdin, StandardCharsets.UTF_8)) {
      for (String text = next(); text != null; text = next()) {
        write(writer, text);
      }
    } catch (IOException e) {
      // The child has closed its end or is gone, which is its own affair.
    } finally {
      abandon();
    }
  }

  private static void write(Writer writer, String text) throws IOException {
    for (int from = 0; from < text.length(); from += PIECE) {
      writer.write(text, from, Math.min(PIECE, text.length() - from));
    }
    writer.flush();
  }

  private synchronized @Nullable String next() {
    while (waiting.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null; // the runner stops waiting for this thread
      }
    }
    return waiting.poll();
  }
}
